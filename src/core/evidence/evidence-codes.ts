/**
 * What a checked file of evidence says of identity codes: whose key signed them, and by what right.
 *
 *   #12 #6  The code of 01/…/21/A is signed by key 0000005 of 江南标识有限公司.
 *   #9 #7   The operator vetted that GTIN … belongs to 江南消防; it had delegated issuing its codes to 江南标识有限公司 …
 */
import { gtinIn } from '../gs1/identifier-forms.ts';
import type { CheckedEvidence } from './evidence-check.ts';
import type { Masters } from './evidence-claims.ts';
import { delegationsIn, entitledBy, type ToldDelegation } from './evidence-delegations.ts';
import { type CheckedEntry, names } from './evidence-fact.ts';
import { type Said, said } from './evidence-said.ts';

export interface SaidOfCodes {
  readonly proven: Said[];
  readonly unproven: Said[];
}

export function codesSay(
  { codes, entries }: Pick<CheckedEvidence, 'codes' | 'entries'>,
  masters: Masters,
): SaidOfCodes {
  const issues = entries.filter(({ fact }) => fact?.members.kind === 'issue');
  const delegations = delegationsIn(entries);
  const proven: Said[] = [];
  const unproven: Said[] = [];
  for (const { epc, key } of codes) {
    const name = masters.nameOf.get(key.party) ?? key.party;
    const issue = issues.find(({ fact }) => fact !== null && names(fact, epc) === true);
    const isBefore = issue !== undefined && key.distrustedFrom !== null && issue.seq < key.distrustedFrom;
    const distrust = key.status === 'compromised' ? (isBefore ? leakedLater : leaked) : { zh: '', en: '' };
    proven.push(
      said(
        [...(issue === undefined ? [] : [issue.seq]), key.seq],
        `${epc} 的身份标识码由 ${name} 的密钥 ${key.kid} 签名${distrust.zh}。`,
        `The code of ${epc} is signed by key ${key.kid} of ${name}${distrust.en}.`,
      ),
    );
    if (!epc.startsWith('01/')) continue;
    const right = rightOf(epc, key.party, issue ?? null, delegations, masters);
    (right.isProven ? proven : unproven).push(right.said);
  }
  return { proven, unproven };
}

const leaked = {
  zh: '，但该密钥已泄露，签名不足为凭',
  en: '; but that key was compromised, so the signature counts for nothing',
};
/** The file cannot show when others first saw the issue. */
const leakedLater = {
  zh: '；该密钥后来被报告泄露：仅当泄露之前有外部见证的检查点包含此码的签发时，签名才可为凭',
  en: '; that key was reported as compromised later, so the signature counts only if a checkpoint over the issue was cosigned by a witness before',
};

/** By what right a party had a code issued and signed. */
function rightOf(
  epc: string,
  signer: string,
  issue: CheckedEntry | null,
  delegations: readonly ToldDelegation[],
  { owners, nameOf }: Masters,
): { readonly isProven: boolean; readonly said: Said } {
  const gtin = gtinIn(epc);
  const owner = owners.get(gtin);
  const issuer = issue?.fact?.members.by;
  // Whoever issues for the owner may do so under the owner's key.
  const party = signer === owner?.party && typeof issuer === 'string' ? issuer : signer;
  const name = nameOf.get(party) ?? party;
  if (owner?.party === party)
    return {
      isProven: true,
      said: said(
        [owner.seq],
        `运营方已核实 ${name} 有权使用商品条码 ${gtin}。`,
        `The operator vetted that GTIN ${gtin} belongs to ${name}.`,
      ),
    };
  const told =
    owner === undefined || issue === null
      ? null
      : entitledBy(delegations, issue, { from: owner.party, to: party, gtin });
  if (owner === undefined || told === null)
    return {
      isProven: false,
      said: said(
        issue === null ? [] : [issue.seq],
        `${name} 有权签发 ${epc} 的标识码：文件未出示商品条码 ${gtin} 的归属，或签发时有效的授权。`,
        `That ${name} was entitled to issue the code of ${epc}: the file does not show that GTIN ${gtin} is its own, nor a delegation in force when it was issued.`,
      ),
    };
  const ownerName = nameOf.get(owner.party) ?? owner.party;
  return {
    isProven: true,
    said: said(
      [owner.seq, told.seq],
      `运营方已核实商品条码 ${gtin} 属于 ${ownerName}；签发 ${epc} 时，其授权 ${name} 签发标识码的委托有效。`,
      `The operator vetted that GTIN ${gtin} belongs to ${ownerName}, whose delegation to ${name} to issue its codes was in force when ${epc} was issued.`,
    ),
  };
}
