#!/usr/bin/env node
// TypeScript is loaded as it is; nothing is built.
import { register } from 'tsx/esm/api';

register();
await import('../src/cli/main.ts');
