/** `suyuan <command>`: one file a command. Exit code 0 only when what was asked holds. */
import { Command } from 'commander';
import { isUnavailable } from '../database/connection.ts';
import { StartupError } from '../errors.ts';
import { auditCommand } from './audit.ts';
import { exportLogCommand } from './export-log.ts';
import { keysCommand } from './keys.ts';
import { rebuildCommand } from './rebuild.ts';
import { verifyEvidenceCommand } from './verify-evidence.ts';

const program = new Command('suyuan')
  .description('Product traceability ledger with code verification. 产品溯源账本与赋码核验。')
  .addCommand(auditCommand)
  .addCommand(rebuildCommand)
  .addCommand(exportLogCommand)
  .addCommand(keysCommand)
  .addCommand(verifyEvidenceCommand);

try {
  await program.parseAsync();
} catch (error) {
  const away = isUnavailable(error);
  if (!away && !(error instanceof StartupError)) throw error;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    away ? `The database cannot be reached (${message}). Check the settings and start it.\n` : `${message}\n`,
  );
  process.exitCode = 2;
}
