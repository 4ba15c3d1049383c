import t from 'tap';
import { initialState } from '../../../src/core/life/lifecycle-state.ts';
import { provinceOf } from '../../../src/core/rules/provinces.ts';
import { chanceOf } from '../../../src/core/rules/scan-counts.ts';
import { foundInScans } from '../../../src/core/rules/scan-rules.ts';
import type { ScannedThing, ScanSeen } from '../../../src/core/rules/scans.ts';
import { unregisteredCodes } from '../../../src/core/rules/stray-scans.ts';
import { defaultThresholds } from '../../../src/core/rules/thresholds.ts';
import { apartKm } from '../../../src/core/rules/travel.ts';
import { context, day, hour, party } from '../../support/hops.ts';

const began = 1000 * day;
const at = (ms: number, region: string | null = null, forged = false): ScanSeen => ({
  at: began + ms,
  region,
  forged,
});
const found = (scans: readonly ScanSeen[], more: Partial<ScannedThing> = {}) =>
  foundInScans({
    ...{ scans, state: { ...initialState(context), stage: 'held' as const }, sold: null, baseline: null },
    ...{
      strays: [],
      recorded: [],
      issuedAt: null,
      asOf: began + 100 * day,
      graceMs: 3 * day,
      thresholds: defaultThresholds,
    },
    ...more,
  }).map(({ rule, count, regions }) => `${rule} ${count} ${regions.join()}`.trim());

t.test('two provinces', async (t) => {
  const apart = (one: string, other: string) => {
    const [a, b] = [provinceOf(one), provinceOf(other)];
    return a && b ? Math.round(apartKm(a, b)) : null;
  };
  t.ok((apart('110000', '440100') ?? 0) > 1300);
  t.ok((apart('110000', '130000') ?? 0) < 0);
  t.equal(apart('110000', '990000'), null);
  t.same(found([at(0, '110000'), at(2 * hour, '440100')]), ['scan-travel 2 110000,440100']);
  t.same(found([at(0, '110000'), at(12 * hour, '440100')]), []);
  t.same(found([at(0, '110000'), at(1, '130100')]), [], 'neighbours');
  t.same(found([at(0), at(1, '440100'), at(2)]), [], 'nobody said where');
});

t.test('where it cannot have been by what is recorded', async (t) => {
  // 广州, within a kilometre, is at least 1,770 km from the circle of 北京: twelve hours at 150 km/h.
  const guangzhou = { latitude: 23.1291, longitude: 113.2644, radius: 1000 };
  const hop = (from: number, until = from, position = guangzhou) => ({
    ...{ from: began + from, until: began + until, position },
  });
  const scanned = [at(10 * hour, '110100')];
  const told = ['scan-elsewhere 1 110100'];
  t.same(found(scanned, { recorded: [hop(8 * hour)] }), told, 'shortly before');
  t.same(found(scanned, { recorded: [hop(12 * hour)] }), told, 'shortly after');
  t.same(found(scanned, { recorded: [hop(-3 * hour)] }), [], 'it may have come by then');
  t.same(found(scanned, { recorded: [hop(23 * hour)] }), [], 'or gone');
  t.same(
    found(scanned, { recorded: [hop(-4 * hour, 9 * hour)] }),
    [],
    'early that night, for all that is told',
  );
  t.same(found(scanned, { recorded: [hop(9 * hour, 14 * hour)] }), [], 'nor while a hop was under way');
  t.same(found(scanned, { recorded: [hop(8 * hour, 8 * hour, { ...guangzhou, radius: 1_800_000 })] }), []);
  t.same(found([at(10 * hour, '440300')], { recorded: [hop(9 * hour)] }), [], 'in the same province');
  t.same(found([at(10 * hour, '110100', true)], { recorded: [hop(9 * hour)] }), [], 'another thing');
  t.same(found([at(10 * hour)], { recorded: [hop(9 * hour)] }), [], 'nobody said where');
  t.same(found(scanned, { recorded: [hop(9 * hour), hop(0, 0, { ...guangzhou, latitude: 39 })] }), told);
});

t.test('far from where it was sold', async (t) => {
  const sold = { at: began, regions: ['330106'] };
  const far = [at(2 * day, '650100'), at(40 * day, '650100')];
  t.same(found(far, { sold }), ['scan-far-from-sale 2 650100']);
  t.same(found(far.slice(1), { sold }), []);
  t.same(found(far, { sold: { ...sold, at: began + 3 * day } }), [], 'before the sale');
  t.same(found([at(2 * day, '310100'), at(40 * day, '310100')], { sold }), [], 'next door');
  const known = { ...sold, regions: ['330106', '650100'] };
  t.same(found(far, { sold: known }), [], 'whoever bought it is there');
  const recorded = (ms: number) => {
    const position = provinceOf('650100');
    return position === null ? [] : [{ from: began + ms, until: began + ms, position }];
  };
  t.same(found(far, { sold, recorded: recorded(day) }), [], 'it was installed there');
  t.same(found(far, { sold, recorded: recorded(-30 * day) }), ['scan-far-from-sale 2 650100'], 'before');
});

t.test('chances', async (t) => {
  const close = (value: number, expected: number) => Math.abs(value / expected - 1) < 0.01;
  // Poisson with mean 2: P(X ≥ 6) = 0.016564; negative binomial r = 1 is geometric: P(X ≥ k) = (m / (1 + m))^k.
  t.ok(close(chanceOf(6, { mean: 2, variance: 2 }), 0.016564));
  t.ok(close(chanceOf(10, { mean: 1, variance: 2 }), 0.5 ** 10));
  t.equal(chanceOf(0, { mean: 3, variance: 9 }), 1);
  t.ok(chanceOf(11, { mean: 0.4, variance: 0.5 }) < 1e-7, 'the example of the file');
});

t.test('more scans than things of the product are scanned, stricter before the sale', async (t) => {
  const baseline = { things: 50, mean: 0.4, variance: 0.5 };
  const scans = (n: number) => Array.from({ length: n }, (_, i) => at(i * hour));
  const inUse = { state: { ...initialState(context), stage: 'sold' as const, inUse: true } };
  t.same(found(scans(12), { baseline }), ['scan-velocity 12']);
  t.same(found(scans(8), { baseline }), ['scan-velocity 8']);
  t.same(found(scans(8), { baseline, ...inUse }), []);
  t.same(found(scans(3), { baseline }), []);
  t.same(found(scans(12), { baseline: { ...baseline, things: 19 } }), [], 'too little to compare with');
  t.same(found([at(-9 * day), ...scans(3)], { baseline }), []);
});

t.test('before it was made, and forged copies of its number', async (t) => {
  const made = began + 2 * day;
  const produced = { seq: 1, from: made, until: made, by: party('A'), as: 'produce' as const };
  const state = { ...initialState(context), produced };
  t.same(found([at(0)], { state }), ['scan-before-production 1']);
  t.same(found([at(1.5 * day)], { state }), [], 'clocks and shifts');
  t.same(found([at(0, null, true), at(1, null, true)], { state }), ['forged-copies 2']);
  t.same(found([at(0, null, true)], { state }), []);
});

t.test('before it was issued, never made, and after it was scrapped', async (t) => {
  const issuedAt = began + 5 * day;
  t.same(found([at(3 * day, '330100')], { issuedAt }), ['scan-before-issue 1 330100']);
  t.same(found([], { issuedAt, strays: [at(0), at(6 * day)] }), ['scan-before-issue 1']);
  t.same(found([at(4.5 * day)], { issuedAt }), [], 'clocks');
  const issued = { state: initialState(context) };
  const twice = [at(0), at(day), at(3 * day)];
  t.same(found(twice, { ...issued, asOf: began + 5 * day }), ['scan-never-produced 2']);
  t.same(found(twice, { ...issued, asOf: began + 3.5 * day }), [], 'its production may come late');
  t.same(found([at(0), at(day, null, true)], issued), [], 'one, and a forged one');
  t.same(found(twice), [], 'somebody recorded something of it');
  const ended = { seq: 3, from: began, until: began };
  const state = { ...initialState(context), stage: 'scrapped' as const, ended };
  t.same(found([at(0.5 * day), at(2 * day), at(3 * day)], { state }), ['scan-after-scrap 2']);
  t.same(found([at(0.5 * day), at(2 * day)], { state }), []);
});

t.test('codes of a product that nobody issued', async (t) => {
  const scans = (n: number, apart = hour) => Array.from({ length: n }, (_, i) => at(i * apart, '330100'));
  const told = (all: readonly ScanSeen[]) =>
    unregisteredCodes(all, defaultThresholds).map(
      ({ rule, count, regions }) => `${rule} ${count} ${regions}`,
    );
  t.same(told(scans(5)), ['unregistered-codes 5 330100'], 'the example of the file');
  t.same(told(scans(4)), []);
  t.same(told(scans(5, 3 * day)), [], 'too far apart');
  t.same(told([]), []);
});
