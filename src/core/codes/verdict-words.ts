/**
 * What verdicts and reasons say to people, in zh-CN and en. No sentence says more than is known: they speak of the
 * code and of what was recorded about it, never of the thing itself. `{maker}` is the name of whose code it is.
 */

export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** Strongest first. */
export const verdicts = ['forged', 'unknown', 'blocked', 'retired', 'conflicted', 'consistent'] as const;
export type Verdict = (typeof verdicts)[number];

export const verdictWords: Readonly<Record<Verdict, Words>> = {
  forged: {
    zh: '此码是伪造的：码中的签名不属于有权为该产品赋码的一方。请勿凭此码认定产品，并建议举报。',
    en: 'This code is forged: its signature does not come from anyone entitled to issue codes for this product. Do not rely on it, and please report it.',
  },
  unknown: {
    zh: '无法确认此码：本系统的记录不足以证明它由谁签发。这不等于产品是假的，但此码不能为产品作证。',
    en: 'This code cannot be confirmed: the records here do not show who issued it. That does not make the product a fake, but the code does not speak for it.',
  },
  blocked: {
    zh: '此码由{maker}签发，但记录显示该产品已被封存、扣押、停止销售或召回，尚未解除。请勿购买、使用或转让。',
    en: 'This code was issued by {maker}, but the product under it is recorded as held, seized, stopped from sale or recalled, and that has not been lifted. Do not buy, use or pass it on.',
  },
  retired: {
    zh: '此码由{maker}签发，但记录显示该产品已报废、销毁、换标或被加工掉，此码已停用。带有此码的产品不应再出售或使用。',
    en: 'This code was issued by {maker}, but it is recorded as out of use: the product was scrapped, destroyed, relabelled or used up. Nothing that bears this code should be sold or used.',
  },
  conflicted: {
    zh: '此码由{maker}签发，但流转记录自相矛盾：此码可能被复制，也可能有人登记有误。请向销售方核实来源，存疑时请举报。',
    en: 'This code was issued by {maker}, but its recorded history contradicts itself: the code may have been copied, or somebody recorded something wrong. Ask the seller where it came from, and report it if in doubt.',
  },
  consistent: {
    zh: '此码由{maker}签发，已有的流转记录未见矛盾。这不能证明贴有此码的产品就是真的：码可以被复制，请按下面的提示核对实物。',
    en: 'This code was issued by {maker} and its recorded history shows no contradiction. It does not prove that the thing under it is genuine: a code can be copied, so check the product itself as described below.',
  },
};

/** Reasons that follow from the code, its key and its state; those of contradictions are in `contradictions.ts`. */
export const reasonWords = {
  'signature-invalid': {
    zh: '码中的签名与码的内容不符：内容被改动过，或签名是编造的。',
    en: 'The signature in the code does not fit what the code says: it was altered or made up.',
  },
  'key-unknown': {
    zh: '码中写明的签名密钥从未在本系统登记。',
    en: 'The signing key that the code names was never registered here.',
  },
  'key-of-another-maker': {
    zh: '签名用的密钥属于另一方，该方无权为此产品赋码。',
    en: 'It was signed with the key of somebody who may not issue codes for this product.',
  },
  'key-leak-suspected': {
    zh: '签名密钥已被报告泄露，且不能证明此码在泄露之前签发。',
    en: 'The signing key was reported as leaked, and it cannot be shown that this code was issued before that.',
  },
  'issued-before-key-leak': {
    zh: '签名密钥后来被报告泄露，但有外部见证的记录表明此码在此之前已签发。',
    en: 'The signing key was later reported as leaked; witnessed records show that this code was issued before.',
  },
  'key-retired': {
    zh: '签名密钥已正常停用，此前签发的码仍然有效。',
    en: 'The signing key has since been retired in the ordinary way; codes issued with it before stay valid.',
  },
  'not-issued': {
    zh: '本系统没有签发此码的记录。',
    en: 'There is no record here that this code was issued.',
  },
  'observed-unregistered': {
    zh: '有人登记见过此码，但没有任何一方登记签发过它。',
    en: 'Somebody recorded having seen this code, but nobody recorded issuing it.',
  },
  'typed-no-signature': {
    zh: '这是手工输入的编号，没有签名可供核对；任何人都能抄写编号。请扫描产品上的二维码。',
    en: 'This number was typed in, so there was no signature to check; anyone can copy a number. Scan the code on the product instead.',
  },
  'foreign-host': {
    zh: '码中的网址不是本系统的网址。仿冒网址是最常见的骗术，请核对二维码旁印刷的网址。',
    en: 'The web address in the code is not ours. Look-alike addresses are the commonest trick: compare it with the address printed beside the code.',
  },
  'maker-unverified': {
    zh: '签发方是否拥有此产品编号尚未经过核实。',
    en: 'It has not been checked yet that the issuer owns this product number.',
  },
  'issued-not-produced': {
    zh: '编号已签发，但没有生产记录。',
    en: 'The code was issued, but no production is recorded.',
  },
  'not-shipped-yet': {
    zh: '没有出厂发货记录：按记录，产品仍在生产方。',
    en: 'It is not recorded as shipped: by the record it is still with its maker.',
  },
  'recorded-in-transit': {
    zh: '按记录，产品已发出，对方尚未登记收货。',
    en: 'By the record it was shipped and not received yet.',
  },
  'recorded-sold': {
    zh: '按记录，产品已经售出。若有人把它当新品卖给您，请查明来源。',
    en: 'It is recorded as sold already. If it is being offered to you as new, find out where it comes from.',
  },
  'recorded-installed': {
    zh: '按记录，产品已经安装在使用场所。若您是在别处见到它，请查明来源。',
    en: 'It is recorded as installed somewhere. If you see it anywhere else, find out where it comes from.',
  },
  'on-hold': {
    zh: '记录显示产品已被封存。',
    en: 'It is recorded as put on hold.',
  },
  seized: {
    zh: '记录显示产品已被扣押。',
    en: 'It is recorded as seized.',
  },
  'order-hold': {
    zh: '有封存令，涉及该产品。',
    en: 'It is under an order that puts it on hold.',
  },
  'order-stop-sale': {
    zh: '有停止销售令，涉及该产品：任何人不得再出售。',
    en: 'It is under an order that stops its sale: nobody may sell it on.',
  },
  'order-recall': {
    zh: '该产品正在被召回。',
    en: 'It is being recalled.',
  },
  'order-seizure': {
    zh: '有扣押令，涉及该产品。',
    en: 'It is under an order of seizure.',
  },
  'recorded-scrapped': {
    zh: '记录显示产品已报废。',
    en: 'It is recorded as scrapped.',
  },
  'recorded-destroyed': {
    zh: '记录显示产品已销毁。',
    en: 'It is recorded as destroyed.',
  },
  'recorded-relabelled': {
    zh: '记录显示产品已换用新码，此旧码已停用。',
    en: 'It is recorded as relabelled: this is the old code.',
  },
  'recorded-consumed': {
    zh: '记录显示产品已被加工成其他产品。',
    en: 'It is recorded as made into something else.',
  },
  'stock-declared': {
    zh: '这是登记入账的存量产品，入账之前的情况没有记录。',
    en: 'It was entered as existing stock: what happened to it before is not recorded.',
  },
  'recorded-nonconformant': {
    zh: '最近一次有记录的检验或检查结论为不合格。',
    en: 'The last recorded inspection found it not in order.',
  },
  overdue: {
    zh: '应检修的日期已过（按检修时登记的日期，或按产品的维修周期自生产或上次维修起算），之后没有维修记录。',
    en: 'It was due for service, by the date recorded then or by the interval of the product since its production or last service, and none is recorded since.',
  },
  expired: {
    zh: '按生产日期和使用年限计算，产品已过期。',
    en: 'Counted from its production date, its service life is over.',
  },
  'certificate-suspended': {
    zh: '该产品的认证证书目前处于暂停状态。',
    en: 'The certificate for this product is suspended at present.',
  },
  'certificate-withdrawn': {
    zh: '该产品的认证证书已被撤销。',
    en: 'The certificate for this product has been withdrawn.',
  },
  'certificate-expired': {
    zh: '该产品的认证证书已过有效期；此前生产的产品不一定受影响。',
    en: 'The certificate for this product has run out; what was made before that is not necessarily affected.',
  },
} as const satisfies Readonly<Record<string, Words>>;
