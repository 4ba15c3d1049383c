/** What is answered for codes that were tampered with, every member of the answer. */
import t from 'tap';
import { testPublicUrl } from '../../support/service.ts';
import { type Answer, container, distribute, gtin, otherGtin, post, unit, world } from './world.ts';

const reasons = {
  'signature-invalid': {
    code: 'signature-invalid',
    zh: '码中的签名与码的内容不符：内容被改动过，或签名是编造的。',
    en: 'The signature in the code does not fit what the code says: it was altered or made up.',
  },
  'key-unknown': {
    code: 'key-unknown',
    zh: '码中写明的签名密钥从未在本系统登记。',
    en: 'The signing key that the code names was never registered here.',
  },
  'key-of-another-maker': {
    code: 'key-of-another-maker',
    zh: '签名用的密钥属于另一方，该方无权为此产品赋码。',
    en: 'It was signed with the key of somebody who may not issue codes for this product.',
  },
};

/** The answer for a forged code, which names nothing as if it were known. */
const forged = (code: string, epc: string, reason: keyof typeof reasons) => ({
  code,
  epc,
  elementString: epc.replace(/^01\/(\d{14})\/21\//, '(01)$1(21)'),
  verdict: 'forged',
  sentence: {
    zh: '此码是伪造的：码中的签名不属于有权为该产品赋码的一方。请勿凭此码认定产品，并建议举报。',
    en: 'This code is forged: its signature does not come from anyone entitled to issue codes for this product. Do not rely on it, and please report it.',
  },
  reasons: [reasons[reason]],
  orders: [],
  product: null,
  manufacturer: null,
  lot: null,
  productionDate: null,
  certificate: null,
  certifiedWhenMade: null,
  journey: null,
  scans: null,
  dueDates: null,
  proof: null,
  host: 'id.example.cn',
});

t.test('codes that were tampered with', async (t) => {
  const w = await world(t);
  const [epc, twin] = [unit('7ZK3QW9D5TB1M'), unit('7ZK3QW9D5TB2M')];
  await w.issue([epc, twin]);
  await distribute(w, [epc, twin]);
  const code = await w.code(epc);
  let size = await w.deps.ledger.size();
  const honest: Answer = (await post(w, { code })).body;
  const ask = async (code: string) => {
    const { status, type, body } = await post(w, { code });
    const { checkedAt, ...rest }: Answer = body;
    return { status, type, rest, checked: Number.isFinite(Date.parse(checkedAt)) };
  };
  const answer = (rest: object) => ({
    status: 200,
    type: 'application/json; charset=utf-8',
    rest,
    checked: true,
  });
  /** The signature as a number, and the code with another one. */
  const number = BigInt(code.slice(-155));
  const signed = (n: bigint) => code.slice(0, -155) + String(n).padStart(155, '0');

  await t.test('forged', async (t) => {
    const ofAnother = await w.code(unit('X1', otherGtin));
    const table: readonly (readonly [
      what: string,
      code: string,
      epc: string,
      reason: keyof typeof reasons,
    ])[] = [
      ['GTIN', code.replace(gtin, otherGtin), `01/${otherGtin}/21/7ZK3QW9D5TB1M`, 'signature-invalid'],
      ['serial', code.replace('TB1M', 'TB2M'), twin, 'signature-invalid'],
      ['key id', code.replace(`?S=${w.kid}`, `?S=${w.rivalKid}`), epc, 'signature-invalid'],
      ['key id of nobody', code.replace(`?S=${w.kid}`, '?S=0000000'), epc, 'key-unknown'],
      ['signature', signed(number - 1n), epc, 'signature-invalid'],
      ['signature, the largest of 512 bits', signed(2n ** 512n - 1n), epc, 'signature-invalid'],
      ['key of another maker', await w.code(epc, w.rivalKid), epc, 'key-of-another-maker'],
      ['GTIN of another maker', ofAnother, `01/${otherGtin}/21/X1`, 'key-of-another-maker'],
    ];
    for (const [what, altered, epc, reason] of table)
      t.strictSame(await ask(altered), answer(forged(altered, epc, reason)), what);
  });

  await t.test(
    'a container of another, whose numbers follow each other, signed with a key of one’s own',
    async (t) => {
      await w.issue([container], { gtin: null, lot: null });
      t.match(await ask(await w.code(container)), { rest: { verdict: 'consistent', reasons: [] } });
      const later = await w.newKey(w.parties.maker);
      t.match(
        await ask(await w.code(container, later)),
        { rest: { verdict: 'consistent' } },
        'a later key of its own',
      );
      const { rest } = await ask(await w.code(container, w.rivalKid));
      t.match(rest, {
        verdict: 'forged',
        reasons: [reasons['key-of-another-maker']],
        journey: null,
        scans: null,
      });
      size = await w.deps.ledger.size();
    },
  );

  await t.test('the host of another ledger is named, and nothing else changes', async (t) => {
    const elsewhere = code.replace('ID.EXAMPLE.CN', 'ID.EXAMP1E.CN');
    const { checkedAt: _, ...rest } = honest;
    t.match(rest, { verdict: 'consistent', reasons: [], product: { gtin }, lot: 'L20260301A' });
    const reason = {
      code: 'foreign-host',
      zh: '码中的网址不是本系统的网址。仿冒网址是最常见的骗术，请核对二维码旁印刷的网址。',
      en: 'The web address in the code is not ours. Look-alike addresses are the commonest trick: compare it with the address printed beside the code.',
    };
    t.strictSame(await ask(elsewhere), answer({ ...rest, code: elsewhere, reasons: [reason] }));
  });

  await t.test('a signature that overflows 512 bits', async (t) => {
    const detail = 'The signature in the code is damaged: scan the code again.';
    for (const n of [2n ** 512n, 10n ** 155n - 1n]) {
      const { status, type, body } = await post(w, { code: signed(n) });
      const { instance, ...document }: Answer = body;
      t.match(instance, /^urn:uuid:/);
      t.strictSame([status, type], [422, 'application/problem+json; charset=utf-8']);
      t.strictSame(document, {
        type: `${testPublicUrl}/problems/invalid-code`,
        title: 'Identity code is malformed',
        status: 422,
        detail,
        code: 'invalid-code',
        errors: [{ pointer: '/code', code: 'invalid-code', detail }],
      });
    }
  });

  t.equal(await w.deps.ledger.size(), size, 'nothing of it stands in the log');
});
