/**
 * Programs that fetch links on their own: previews of chat services, crawlers, monitors, headless browsers. Their
 * visits are kept and marked, and are not counted as scans. People's browsers, and those inside chat applications
 * that scan codes (MicroMessenger, DingTalk, AlipayClient), are none of these.
 */

/** Words by which programs name themselves in `User-Agent`; Cubot makes phones. */
const named =
  /(?<!cu)bot(?:\b|_)|crawl|spider|slurp|preview|facebookexternalhit|facebookcatalog|whatsapp\/|skypeuripreview|vkshare|embedly|iframely|pinterest\/|headlesschrome|phantomjs|lighthouse|pingdom|uptime|monitor|archiver|wechatshare|feedfetcher|google-read-aloud/i;

export interface Visit {
  readonly method: string;
  readonly userAgent: string | undefined;
  /** `Purpose`, `Sec-Purpose` or `X-Moz`: browsers that fetch ahead of a tap. */
  readonly purpose: string | undefined;
}

/** Whether a visit is a program's own: a browser names itself, asks with GET or POST, and not ahead of its user. */
export const isRobot = ({ method, userAgent, purpose }: Visit): boolean =>
  method === 'HEAD' ||
  userAgent === undefined ||
  userAgent.trim() === '' ||
  named.test(userAgent) ||
  /prefetch|preview|prerender/i.test(purpose ?? '');
