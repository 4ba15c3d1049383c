/** A process that checks stretches of the log on a connection of its own; `auditLog` starts it. */
import { connect } from '../database/connection.ts';
import { auditRange, type RangeAudit } from './audit-range.ts';

/** What the process is told, once. */
export interface AuditSetup {
  readonly url: string;
  readonly role: string | null;
  readonly genesisPrev: Uint8Array;
}
/** A stretch to check: entries `from` ≤ seq < `until`. */
export interface AuditTask {
  readonly from: number;
  readonly until: number;
}
export type AuditMessage = { readonly checked: number } | { readonly done: RangeAudit };

if (process.send) {
  const send = process.send.bind(process);
  process.once('message', (setup: AuditSetup) => {
    const { url, role, genesisPrev } = setup;
    const database = connect(url, {
      max: 4,
      applicationName: 'suyuan audit',
      ...(role === null ? {} : { role }),
    });
    process.on('message', async (task: AuditTask) => {
      const done = await auditRange(database.sql, { ...task, genesisPrev }, (checked) => send({ checked }));
      send({ done });
    });
    process.once('disconnect', () => void database.close());
  });
}
