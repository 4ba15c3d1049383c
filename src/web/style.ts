/**
 * The one style of all pages and the policy that goes with it. The style stands in the page (one response, nothing
 * loaded) and is allowed by its hash (CSP level 3 §2.3.1), so the policy needs no nonce and pages can be cached.
 *
 * Contrast: every pair of text and ground below has at least 4.5 : 1 (WCAG 2.2 §1.4.3) in light and in dark; the
 * six grounds of the verdicts are the same in both. What can be tapped is at least 44 px high (§2.5.5). Text may be set
 * twice as large (§1.4.4): where few letters fit on a line, what stood side by side stands one below the other.
 */
import { createHash } from 'node:crypto';

export const style = `
:root{color-scheme:light dark;--ground:#f3f5f7;--card:#fff;--text:#1b2127;--soft:#4d5965;--line:#d5dbe1;--link:#0a4f8f;--notice:#fff3cf;--notice-line:#b98200;--notice-text:#3d2c00;--edge:#7b8793;--wrong:#a01522}
@media (prefers-color-scheme:dark){:root{--ground:#0f1418;--card:#1a2127;--text:#eef2f5;--soft:#b1bcc6;--line:#38434d;--link:#8fc7ff;--notice:#382c08;--notice-line:#dca82a;--notice-text:#ffeab0;--edge:#8593a0;--wrong:#ff9a9a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);font:1.0625rem/1.6 system-ui,-apple-system,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.top,main,footer{max-width:40rem;margin:0 auto;padding:0 1rem}
.top{display:flex;justify-content:space-between;align-items:center;min-height:3.25rem}
.top a{display:inline-flex;align-items:center;min-height:2.75rem;min-width:2.75rem;color:inherit;text-decoration:none}
.top a[hreflang]{justify-content:end;text-decoration:underline;text-underline-offset:.2em}
.brand{white-space:nowrap;font-weight:700;letter-spacing:.04em}
h1{font-size:clamp(1.75rem,8vw,2.25rem);line-height:1.2;margin:0}
h2{font-size:1.125rem;line-height:1.4;margin:0 0 .5rem}
p{margin:0 0 .5rem;text-wrap:pretty}
main>section,main>form>section,main>details{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem;margin:0 0 .75rem}
section>button:first-child{margin-top:0}
main>section>:last-child,form>section>:last-child,.verdict>:last-child{margin-bottom:0}
.soft{color:var(--soft);font-size:.9375rem}
.verdict{border:0!important;padding:1.25rem 1rem!important;color:#fff}
.verdict header{display:flex;align-items:center;gap:.875rem;margin-bottom:.75rem}
.verdict svg{flex:none;width:3.25rem;height:3.25rem}
.verdict small{display:block;font-size:.9375rem;line-height:1.4}
.verdict p{font-size:1.125rem;line-height:1.5}
.verdict .when{font-size:.9375rem}
.zone{white-space:nowrap}
.forged .verdict{background:#a01522}
.unknown .verdict{background:#53409b}
.blocked .verdict{background:#14181c;box-shadow:inset 0 0 0 3px #ff8a65}
.retired .verdict{background:#4b5763}
.conflicted .verdict{background:#ffc83d;color:#241a00}
.consistent .verdict{background:#0b5f70}
.taps{display:grid;grid-template-columns:repeat(3,1fr);gap:.5rem;margin:0 0 .75rem;padding:0;list-style:none}
.taps li{margin:0}
.taps a,.button{display:flex;align-items:center;justify-content:center;gap:.5rem;min-height:3rem;padding:.375rem .5rem;border:2px solid var(--link);border-radius:.5rem;font-weight:600;line-height:1.3;text-align:center;text-decoration:none}
.taps a{flex-direction:column;gap:0;height:100%;padding:.375rem .25rem;font-size:1rem;overflow-wrap:normal}
.taps a[aria-current]{background:var(--link);color:var(--card)}
.taps a[aria-current]::before{content:"✓"}
.advice{font-weight:600;font-size:1.125rem;line-height:1.5}
.notice{background:var(--notice);color:var(--notice-text);border-left:.375rem solid var(--notice-line);border-radius:.25rem;padding:.625rem .75rem;font-weight:600}
.orders .notice{margin:.5rem 0 0}
.cautions{background:var(--notice)!important;border-color:var(--notice-line)!important;color:var(--notice-text)}
.host{font-size:1.1875rem;font-weight:700;font-family:ui-monospace,Menlo,Consolas,monospace}
ul,ol{margin:0;padding-left:1.25rem}
li{margin:0 0 .375rem}
li:last-child{margin:0}
.checks{list-style:none;padding:0}
.checks li{padding-left:1.875rem;position:relative;margin-bottom:.5rem}
.checks li::before{content:"";position:absolute;left:0;top:.25rem;width:1.125rem;height:1.125rem;border:2px solid var(--soft);border-radius:.25rem}
dl{margin:0}
dl>div{display:flex;gap:.75rem;padding:.375rem 0;border-bottom:1px solid var(--line)}
dl>div:last-child{border:0;padding-bottom:0}
dt{flex:none;width:6.5rem;color:var(--soft)}
dd{margin:0;flex:1;min-width:0}
.journey{list-style:none;padding:0}
.journey li{position:relative;padding:0 0 .75rem 1.75rem;margin:0}
.journey li::before{content:"";position:absolute;left:.25rem;top:.5rem;width:.75rem;height:.75rem;border-radius:50%;background:var(--link)}
.journey li::after{content:"";position:absolute;left:.5625rem;top:1.375rem;bottom:-.375rem;width:2px;background:var(--line)}
.journey li:last-child{padding-bottom:0}
.journey li:last-child::after{content:none}
.journey b{margin-right:.5rem}
.journey span{display:block;line-height:1.35}
summary{min-height:2.75rem;display:flex;align-items:center;cursor:pointer;font-weight:600}
summary::before{content:"▸";margin-right:.5rem}
[open]>summary::before{content:"▾"}
main>details{padding:.25rem 1rem}
details[open]{padding-bottom:1rem}
code{font:.875rem/1.5 ui-monospace,Menlo,Consolas,monospace}
.button{margin-bottom:.75rem}
.button svg{width:1.375rem;height:1.375rem}
.links{list-style:none;padding:0}
.links a{display:flex;align-items:center;min-height:2.75rem}
.links span{display:block;color:var(--soft);font-size:.9375rem;margin-bottom:.5rem}
.lead{font-size:1.125rem}
.plain{padding:1.25rem 1rem!important}
.plain h1{font-size:1.75rem;margin-bottom:.5rem}
#file{display:block;width:100%;margin:0 0 1rem;min-height:2.75rem;font:inherit}
input::file-selector-button{min-height:2.75rem;margin-right:.75rem;padding:0 1rem;border:2px solid var(--link);border-radius:.5rem;background:transparent;color:var(--link);font:inherit;font-weight:600}
.keys{display:block;margin-bottom:.25rem;color:var(--soft);font-size:.9375rem}
textarea{width:100%;min-height:4rem;padding:.5rem;border:2px solid var(--edge);border-radius:.5rem;background:var(--ground);color:inherit;font:.875rem/1.5 ui-monospace,Menlo,Consolas,monospace}
.outcome h2{font-size:1.5rem;margin-bottom:.5rem;outline-offset:4px}
.outcome h3{font-size:1.0625rem;margin:1rem 0 .25rem}
.outcome[data-state=good]{border-top:.5rem solid #0b5f70}
.outcome[data-state=bad]{border-top:.5rem solid #a01522}
label,legend{display:block;margin:.75rem 0 .25rem;font-weight:600}
fieldset{border:0;margin:0;padding:0}
legend{padding:0}
section>label:first-child,fieldset>legend,form>label{margin-top:0}
input,select,textarea,button{font:inherit;color:inherit}
:is(.report,.search) input:not([type=radio],[type=hidden]),:is(.report,.search) select,.report textarea{width:100%;min-height:3rem;margin-bottom:.5rem;padding:.5rem .625rem;border:2px solid var(--edge);border-radius:.5rem;background:var(--ground);font-size:1.0625rem}
.report textarea{line-height:1.5;resize:vertical}
input:focus-visible,select:focus-visible,textarea:focus-visible,button:focus-visible{outline:3px solid var(--link);outline-offset:2px}
[aria-invalid]{border-color:var(--wrong)!important}
.wrong{margin:0 0 .25rem;color:var(--wrong);font-weight:600}
button{display:block;width:100%;min-height:3rem;margin-top:.75rem;padding:.375rem 1rem;border:0;border-radius:.5rem;background:var(--link);color:var(--card);font-weight:700;cursor:pointer}
.kinds,.choices{list-style:none;padding:0}
.kinds label{display:flex;align-items:center;gap:.75rem;min-height:2.75rem;margin:0;font-weight:400}
.kinds input{flex:none;width:1.375rem;height:1.375rem;margin:0;accent-color:var(--link)}
.choices{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr));gap:.375rem}
.choices li{margin:0}
.choices a{display:flex;align-items:center;justify-content:center;min-height:3rem;padding:.25rem;border:1px solid var(--edge);border-radius:.5rem;line-height:1.25;text-align:center;text-wrap:balance;text-decoration:none}
[hidden]{display:none!important}
.back a{display:inline-flex;align-items:center;min-height:2.75rem}
.found{border-left:.5rem solid var(--line)!important}
.found h2{margin:0}
.found .mark{font-weight:700;font-size:1.125rem}
.found.non-conformant,.found.in-force{border-left-color:#c22f3c!important}
.found.non-conformant .mark,.found.in-force .mark{color:var(--wrong)}
.found.conformant{border-left-color:#14808f!important}
form details{margin:.25rem 0}
.answer{margin:.375rem 0 0;padding:.625rem .75rem;border-left:.375rem solid var(--link);background:var(--ground);border-radius:.25rem}
footer{padding:.25rem 1rem 2rem;color:var(--soft);font-size:.875rem}
@media (max-width:22rem){dt{width:5.5rem}}
main{container-type:inline-size}
@container (max-width:15em){.zone{white-space:normal}.verdict header,dl>div{display:block}h1,.plain h1{font-size:1.375rem}main>section,main>form>section{padding:.75rem .5rem!important}.taps{grid-template-columns:1fr}}
`;

/** `sha256-…` of the style, as a CSP source. */
export const styleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`;

/** The Content-Security-Policy of every page here: no script, nothing from elsewhere, in nobody's frame. */
export const pageSecurityPolicy = [
  "default-src 'none'",
  `style-src '${styleHash}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The same for pages with a form, which goes to this host alone. */
export const formSecurityPolicy = pageSecurityPolicy.replace("form-action 'none'", "form-action 'self'");
