// Measures that the browser tests take of a page. Each gives a list of what is wrong, in words.
(() => {
  const shown = (one) => one.checkVisibility({ opacityProperty: false, visibilityProperty: true });
  const named = (one) => {
    const words = (one.getAttribute("aria-label") || one.textContent || one.name || "").trim().slice(0, 40);
    return `<${one.localName}${one.id ? `#${one.id}` : ""}${one.className?.baseVal === undefined && one.className ? `.${one.className}` : ""}> ${words}`;
  };
  const textNodes = (root = document.body) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) found.push(walk.currentNode);
    return found;
  };
  const inSight = (box) => {
    const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
    return { left, top, width: Math.min(box.right, innerWidth) - left, height: Math.min(box.bottom, innerHeight) - top };
  };
  const unspoken = "script, style, template, noscript, .visually-hidden, [hidden], datalist, option";
  const focusable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";

  window.measures = {
    /** Leaves the first rows of long lists: the others are alike, and looking at each takes long. */
    thin(most = 6) {
      for (const list of document.querySelectorAll("tbody, ul, ol, section, dl, main, .queue, article, .stack")) {
        const kinds = new Map();
        for (const one of [...list.children]) {
          const kind = `${one.localName}.${one.className}`;
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
          if (kinds.get(kind) > most && !one.matches("h1, h2, h3, form, dialog")) one.remove();
        }
      }
    },

    /** What makes the page scroll sideways. */
    sideways() {
      const root = document.documentElement;
      const over = root.scrollWidth - root.clientWidth;
      if (over <= 0) return [];
      const wide = [...document.querySelectorAll("body *")].filter((one) => {
        if (!shown(one) || one.closest(".scroll, pre, .visually-hidden")) return false;
        const box = one.getBoundingClientRect();
        return box.width > 0 && (box.right > root.clientWidth + 1 || box.left < -1);
      });
      return [`${over} px wider than the window`, ...wide.slice(0, 6).map(named)];
    },

    /** Text that is cut off by its own box. */
    clipped() {
      const cut = [...document.querySelectorAll("body *")].filter((one) => {
        if (!shown(one) || one.closest(`${unspoken}, svg, .scroll, pre, textarea, select, input, .skip`)) return false;
        const style = getComputedStyle(one);
        const hides = ["hidden", "clip"].includes(style.overflowX) || style.textOverflow === "ellipsis";
        return hides && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1 && one.textContent.trim();
      });
      const buttons = [...document.querySelectorAll("button, .button, .badge, .chip, select")].filter(
        (one) => shown(one) && one.clientWidth && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 2),
      );
      return [...new Set([...cut, ...buttons])].slice(0, 8).map(named);
    },

    /** Makes every text 40 % longer, with accents, as a wordy language would. */
    lengthen() {
      const accents = { a: "á", e: "ë", i: "î", o: "ø", u: "ü", A: "Å", E: "É", I: "Ï", O: "Ö", U: "Û", c: "ç", n: "ñ" };
      for (const node of textNodes()) {
        const words = node.data.trim();
        if (!words || node.parentElement.closest("script, style, time, code, bdi, svg, kbd, textarea")) continue;
        const more = "one two three four five six seven".slice(0, Math.ceil(words.length * 0.4)).trim();
        node.data = `${node.data.replace(/[aeiouAEIOUcn]/g, (letter) => accents[letter])} ${more}`;
      }
    },

    /** Latin digits in the text of a page that writes others. */
    latinDigits() {
      const foreign = "bdi, code, kbd, pre, textarea, [data-latin], [dir=ltr], .curl, .hint, .error";
      return textNodes()
        .filter((node) => /[0-9]/.test(node.data) && !node.parentElement.closest(`${unspoken}, ${foreign}`) && shown(node.parentElement))
        .map((node) => `${named(node.parentElement)} in <${node.parentElement.parentElement.localName}.${node.parentElement.parentElement.className}>`)
        .slice(0, 12);
    },

    /** Sentences in the letters of the page's language that run the other way: a name began them. */
    turned() {
      const page = document.documentElement.dir || "ltr";
      const words = page === "rtl" ? /[\u0600-\u06ff]+\s+[\u0600-\u06ff]+/ : /[A-Za-z]+\s+[A-Za-z]+/;
      const blocks = new Set(textNodes().map((node) => node.parentElement.closest("bdi, [dir]")));
      return [...blocks]
        .filter((one) => one && words.test(one.textContent) && !one.closest(`${unspoken}, textarea, pre, code, .drawing`) && shown(one) && getComputedStyle(one).direction !== page)
        .slice(0, 8)
        .map(named);
    },

    /** Stops of the Tab key whose focus can't be seen: no outline, or something lies over it. */
    unseenFocus() {
      const faults = [];
      for (const one of document.querySelectorAll(focusable)) {
        if (!shown(one) || one.disabled || one.closest("dialog:not([open])") || one.tabIndex < 0) continue;
        one.focus();
        if (document.activeElement !== one) continue;
        const style = getComputedStyle(one);
        const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        if (!outlined && one.id !== "content") faults.push(`no outline: ${named(one)}`);
        const boxes = [...one.getClientRects()].map(inSight).filter((box) => box.width > 0 && box.height > 0);
        const hit = boxes.some((box) =>
          [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.2], [0.5, 0.8]].some(([across, down]) => {
            const top = document.elementFromPoint(box.left + box.width * across, box.top + box.height * down);
            return top && (one === top || one.contains(top) || top.contains(one) && !top.matches("body, html") || top.closest("label")?.control === one);
          }),
        );
        if (!hit) faults.push(`covered: ${named(one)}`);
      }
      document.activeElement.blur();
      return faults.slice(0, 8);
    },

    /** Bytes of scripts, and ms to the largest paint. */
    async weight() {
      const scripts = performance.getEntriesByType("resource").filter((one) => one.initiatorType === "script" || /\.js(\?|$)/.test(one.name));
      const paint = await new Promise((resolve) => {
        let last = 0;
        new PerformanceObserver((list) => { for (const one of list.getEntries()) last = one.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
        setTimeout(() => resolve(last), 60);
      });
      return { scripts: scripts.reduce((sum, one) => sum + one.decodedBodySize, 0), paint };
    },

    /** What moves although the person asked for calm. */
    moving() {
      const long = (text) => text.split(",").some((one) => (one.trim().endsWith("ms") ? parseFloat(one) : parseFloat(one) * 1000) > 10);
      return [...document.querySelectorAll("body *")]
        .filter((one) => {
          const style = getComputedStyle(one);
          return (style.animationName !== "none" && long(style.animationDuration)) || long(style.transitionDuration);
        })
        .slice(0, 5)
        .map(named);
    },
  };
})();
