#!/usr/bin/env node
import '../scripts/node-version.js';

await import('../build/src/cli/main.js');
