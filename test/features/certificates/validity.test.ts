import t from 'tap';
import { certifiedOn, counting, stateOn } from '../../../src/features/certificates/validity.ts';

const validity = { validFrom: '2025-01-01', validUntil: '2029-12-31' };
const version = (status: 'issued' | 'suspended' | 'withdrawn', since: string) => ({
  ...validity,
  status,
  since,
});

t.test('the worked example', async (t) => {
  const versions = [
    version('issued', '2025-01-01'),
    version('suspended', '2026-03-01'),
    version('issued', '2026-05-01'),
  ];
  const days: [string, string][] = [
    ['2024-12-31', 'not-yet'],
    ['2025-01-01', 'valid'],
    ['2025-06-01', 'valid'],
    ['2026-02-28', 'valid'],
    ['2026-03-01', 'suspended'],
    ['2026-04-01', 'suspended'],
    ['2026-05-01', 'valid'],
    ['2029-12-31', 'valid'],
    ['2030-01-01', 'expired'],
  ];
  t.strictSame(
    days.map(([day]) => [day, stateOn(versions, day)]),
    days,
  );
});

t.test('a later record reaches back', async (t) => {
  const versions = [version('issued', '2025-01-01'), version('withdrawn', '2025-01-01')];
  t.strictSame(
    ['2024-12-31', '2025-01-01', '2030-06-01'].map((day) => stateOn(versions, day)),
    ['not-yet', 'withdrawn', 'withdrawn'],
  );
});

t.test('nothing that is recorded after a withdrawal counts', async (t) => {
  const versions = [
    version('issued', '2025-01-01'),
    version('withdrawn', '2026-03-01'),
    version('suspended', '2026-02-01'),
    version('issued', '2026-05-01'),
  ];
  t.strictSame(
    ['2026-02-28', '2026-03-01', '2026-06-01'].map((day) => stateOn(versions, day)),
    ['valid', 'withdrawn', 'withdrawn'],
  );
  t.strictSame(counting(versions), versions.slice(0, 2));
  t.strictSame(counting(versions.slice(2)), versions.slice(2));
});

t.test('whether a thing was made under a certificate is said only of what is on record', async (t) => {
  const certificate = [version('issued', '2025-01-01'), version('suspended', '2026-03-01')];
  t.equal(certifiedOn([], '2025-06-01'), false, 'none is on record');
  t.equal(certifiedOn([], null), false);
  t.equal(certifiedOn([certificate], '2025-06-01'), true);
  t.equal(certifiedOn([certificate], '2026-04-01'), false);
  t.equal(certifiedOn([certificate], null), null, 'nobody recorded when it was made');
});
