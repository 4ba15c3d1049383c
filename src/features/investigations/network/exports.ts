/** A network for graph tools: GraphML, and its links as a table (RFC 4180; columns stay as they are, new ones come last). */
import { csvLine } from '../../../http/csv.ts';
import { graphml } from '../../graphml.ts';
import type { NetworkAnswer } from './schemas.ts';

export const networkGraphml = ({ parties, links }: NetworkAnswer): string =>
  graphml({
    nodes: parties.map(({ id, name, nameEn, region, roles, community, brokerage, received, gave }) => ({
      id,
      label: name,
      nameEn,
      region: region?.code ?? null,
      roles: roles.join(' '),
      community,
      brokerage,
      received,
      gave,
    })),
    edges: links.map(({ from, to, kind, units, entries, seqs }) => ({
      from,
      to,
      kind,
      units,
      entries,
      seqs: seqs.join(' '),
    })),
  });

export function networkCsv({ parties, links }: NetworkAnswer): string {
  const byId = new Map(parties.map((party) => [party.id, party]));
  const header = [
    'kind',
    'from',
    'fromName',
    'fromCommunity',
    'to',
    'toName',
    'toCommunity',
    'units',
    'entries',
    'seqs',
    ...['from', 'to'].flatMap((end) => [`${end}Region`, `${end}Roles`, `${end}Brokerage`]),
  ];
  const end = (id: string): string[] => {
    const party = byId.get(id);
    return [id, party?.name ?? '', String(party?.community ?? '')];
  };
  const about = (id: string): string[] => {
    const party = byId.get(id);
    return [party?.region?.code ?? '', party?.roles.join(' ') ?? '', String(party?.brokerage ?? '')];
  };
  const rows = links.map(({ kind, from, to, units, entries, seqs }) => [
    kind,
    ...end(from),
    ...end(to),
    String(units),
    String(entries),
    seqs.join(' '),
    ...about(from),
    ...about(to),
  ]);
  return [header, ...rows].map(csvLine).join('');
}
