/**
 * A unit with a history worth showing: codes with serials one after the other, packed in a carton on a pallet, shipped,
 * received, taken out and sold, with one hop taken back; a regulator in charge of it all.
 */
import { verify } from 'node:crypto';
import { newKey, proveKey, signHop } from '../../examples/sign-hop.ts';
import type { Role } from '../../src/core/events/hop.ts';
import type { CheckOptions } from '../../src/core/evidence/evidence-check.ts';
import type { VerifySignature } from '../../src/core/evidence/evidence-claim-check.ts';
import type { Fact } from '../../src/core/log/fact.ts';
import { publicKeyOf } from '../../src/core/log/note.ts';
import { findingsFollower } from '../../src/features/findings/follower.ts';
import type { TestService } from './service.ts';
import {
  type Actor,
  act,
  container,
  gtin,
  lot,
  type SupplyChain,
  supplyChain,
  unit,
} from './supply-chain.ts';

export interface World extends SupplyChain {
  /** Identifiers of the units, serials A001 and so on; the evidence is about the third. */
  readonly units: readonly string[];
  readonly epc: string;
  readonly path: string;
  readonly carton: string;
  readonly pallet: string;
  get(who: Pick<Actor, 'bearer'>, url: string, headers?: Record<string, string>): Promise<Got>;
}

export interface Got {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

export const verifyHere: VerifySignature = (publicKey, message, signature) =>
  verify(null, Buffer.from(message), publicKeyOf({ publicKey }), signature);

export const here: CheckOptions = { verify: verifyHere };

export async function evidenceWorld(service: TestService): Promise<World> {
  const chain = await supplyChain(service);
  const { maker, distributor, seller, user, regulator } = chain;
  const by = service.deps.genesis.operator;
  const record = (...facts: Fact[]) => service.deps.ledger.append(facts.map((fact) => ({ fact })));
  const named = (who: Actor, name: string, more: object = {}): Fact => {
    const roles: readonly Role[] = who.roles;
    return { kind: 'party', by, id: who.id, stub: false, name, roles, region: '330106', ...more };
  };
  await record(
    named(maker, '沪安消防器材厂', { nameEn: 'Huan Fire Equipment' }),
    named(distributor, '浦江消防贸易有限公司'),
    named(seller, '静安消防商店'),
    named(user, '长宁大酒店'),
    named(regulator, '市场监督管理局', { jurisdiction: { regions: ['330000'], places: [] } }),
    {
      kind: 'product',
      by: maker.id,
      gtin,
      party: maker.id,
      local: false,
      name: '手提式干粉灭火器',
      nameEn: 'Portable dry powder extinguisher',
      model: 'MFZ/ABC4',
      category: 'portable-extinguishers',
      uom: 'H87',
    },
  );
  const send = async (who: Actor, url: string, payload: object, key: string) => {
    const headers = { authorization: who.bearer, 'idempotency-key': key, prefer: 'wait' };
    const answer = await service.app.inject({ method: 'POST', url, headers, payload });
    if (answer.statusCode >= 300) throw new Error(`${url}: ${answer.body}`);
    return answer;
  };
  await send(maker, '/v1/keys', { custody: 'operator' }, 'key');
  const own = newKey();
  const proof = proveKey(own, service.deps.genesis.origin, seller.id);
  const body = { publicKey: own.public, proof };
  const { kid } = (await send(seller, '/v1/keys/claims', body, 'claims')).json();
  const serials = ['A001', 'A002', 'A003', 'A004', 'A005', 'A006'];
  await send(maker, '/v1/batches', { gtin, lot: 'L1', serials }, 'batch');
  const units = serials.map(unit);
  const epc = unit('A003');
  const [carton, pallet] = [container(1), container(2)];
  const day = (n: number) => act(`2025-07-0${n}T10:00:00+08:00`);
  const post = async (who: Actor, ...hops: object[]) => {
    const posted = await chain.post(who, hops);
    if (posted.status >= 300) throw new Error(posted.text);
    return posted.body;
  };
  const half = units.slice(0, 4);
  await post(
    maker,
    { hop: 'produce', ...day(1), epcs: units, place: maker.place, lot: 'L1', productionDate: '2025-07-01' },
    { hop: 'release', ...day(2), lots: [{ lot: lot('L1') }], place: maker.place, outcome: 'conformant' },
    { hop: 'pack', ...day(3), container: carton, epcs: half, place: maker.place },
    { hop: 'pack', ...day(3), container: pallet, epcs: [carton], place: maker.place },
  );
  const sale = { transfer: 'sale', documents: [{ type: 'desadv', number: 'DN-88' }] };
  await post(maker, {
    ...{ hop: 'ship', ...day(4), epcs: [pallet], place: maker.place, ...sale },
    ...{ to: distributor.id, toPlace: distributor.place },
  });
  await post(
    distributor,
    { hop: 'receive', ...day(5), epcs: [pallet], from: maker.id, place: distributor.place },
    { hop: 'unpack', ...day(5), container: pallet, place: distributor.place },
    { hop: 'unpack', ...day(6), container: carton, place: distributor.place },
  );
  const { facts } = await post(distributor, {
    ...{ hop: 'ship', ...day(6), epcs: [epc, unit('A004')], place: distributor.place, ...sale },
    ...{ to: seller.id, toPlace: seller.place },
    private: { driver: '张三', phone: '13800000000' },
  });
  const wrong = await post(seller, { hop: 'sell', ...day(7), epcs: [epc], place: seller.place });
  await post(seller, { hop: 'void', ...day(8), event: wrong.facts[0].id, reason: '误录' });
  await post(
    seller,
    { hop: 'receive', ...day(8), epcs: [epc, unit('A004')], from: distributor.id, place: seller.place },
    signHop({ hop: 'sell', ...day(9), epcs: [epc], place: seller.place, to: user.id }, kid, own.private),
  );
  if (facts.length !== 1) throw new Error('a shipment is one fact');
  // A file tells what was found; who looks for that works behind the log.
  await findingsFollower(service.deps, service.app.log).reached((await chain.size()) - 1, 20_000);
  return {
    ...chain,
    units,
    epc,
    path: `/v1/units/${gtin}/A003/evidence`,
    carton,
    pallet,
    async get(who, url, headers = {}) {
      const answer = await service.app.inject({ url, headers: { authorization: who.bearer, ...headers } });
      return {
        status: answer.statusCode,
        text: answer.body,
        headers: answer.headers,
        bytes: answer.rawPayload,
      };
    },
  };
}
