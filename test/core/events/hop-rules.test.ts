import t from 'tap';
import { type HopType, hopTypes, type Role, roles } from '../../../src/core/events/hop.ts';
import { mayRecord } from '../../../src/core/events/hop-rules.ts';

/** Rows: hops; columns: roles in the order of `roles` without the operator; `+` may, `.` may not. */
const table: Record<HopType, string> = {
  //          manufacturer, importer, distributor, seller, platform, installer, using unit, maintenance firm,
  //          certification body, laboratory, regulator
  produce: '++.........',
  release: '++.........',
  pack: '++++.+++...',
  unpack: '++++.+++.++',
  ship: '++++.+++.++',
  cancel: '++++.+++.++',
  receive: '++++.+++.++',
  sell: '++++++.+...',
  install: '++...+++...',
  remove: '++...+++...',
  replace: '++...+++...',
  inspect: '+++++++++++',
  maintain: '+.....++...',
  refill: '+......+...',
  transform: '++.....+...',
  split: '++++.+.+...',
  hold: '++++++++..+',
  seize: '..........+',
  lift: '++++++++..+',
  return: '++++++++.++',
  scrap: '++++.+++...',
  destroy: '++++.+++.++',
  adopt: '++++.+++...',
  relabel: '++.........',
  correct: '+++++++++++',
  void: '+++++++++++',
};

t.test('every role × every hop', async (t) => {
  const acting = roles.filter((role) => role !== 'operator');
  const row = (hop: HopType) => acting.map((role: Role) => (mayRecord(role, hop) ? '+' : '.')).join('');
  t.strictSame(Object.fromEntries(hopTypes.map((hop) => [hop, row(hop)])), table);
  t.strictSame(
    hopTypes.filter((hop) => mayRecord('operator', hop)),
    [],
    'the operator records nothing',
  );
});
