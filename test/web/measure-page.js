// Runs in the browser: what is too wide, too small to tap (WCAG 2.2 §2.5.5), too pale to read (§1.4.3) or torn.
(() => {
  const shown = [...document.querySelectorAll('body *')].filter((e) => e.getClientRects().length > 0);
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const ground = (element) => {
    for (let e = element; e !== null; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.a > 0) return color.rgb;
    }
    return [255, 255, 255];
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) =>
      v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (e) => {
    const pair = [luminance(parse(getComputedStyle(e).color).rgb), luminance(ground(e))];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  const hasText = (e) =>
    [...e.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
  const name = (e) => `${e.tagName} ${e.textContent.trim().slice(0, 20)}`;
  /** Words that go on in the next line, which Chinese may do after each character. */
  const tornWords = (e) => {
    const words = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    const torn = [];
    for (let node = words.nextNode(); node !== null; node = words.nextNode())
      for (const { index, 0: word } of node.textContent.matchAll(/[A-Za-z]+/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        if (range.getClientRects().length > 1) torn.push(`${e.tagName} tears ${word}`);
      }
    return torn;
  };
  const box = (e) => e.getBoundingClientRect();
  return {
    width: document.documentElement.scrollWidth,
    cut: shown.filter((e) => box(e).right > innerWidth + 0.5).map(name),
    small: shown
      .filter((e) => e.matches('a, summary, button') && (box(e).height < 44 || box(e).width < 44))
      .map((e) => `${name(e)} is ${box(e).width} × ${box(e).height}`),
    pale: shown
      .filter((e) => hasText(e) && contrast(e) < 4.5)
      .map((e) => `${name(e)} has contrast ${contrast(e).toFixed(2)}`),
    torn: shown.filter((e) => e.matches('h1, dt')).flatMap(tornWords),
    texts: shown.filter(hasText).length,
  };
})();
