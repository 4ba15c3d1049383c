/** `suyuan <command>`: one file a command. Exit code 0 only when what was asked holds. */
import { Command } from 'commander';
import { StartupError } from '../errors.ts';
import { auditCommand } from './audit.ts';
import { keysCommand } from './keys.ts';
import { rebuildCommand } from './rebuild.ts';

const program = new Command('suyuan')
  .description('Product traceability ledger with code verification. 产品溯源账本与赋码核验。')
  .addCommand(auditCommand)
  .addCommand(rebuildCommand)
  .addCommand(keysCommand);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof StartupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
