// The equation, symbol by symbol: formula, picture and code light up together, numbers in place.
(() => {
  "use strict";
  const { keys, show, percent, sum } = cl;

  /** Four significant digits, as one would write them on a board. */
  const short = (x) =>
    (x !== 0 && (x < 1e-3 || x >= 1e6) ? x.toExponential(2) : String(Number(x.toPrecision(4)))).replaceAll("-", "−");

  const MEANING = {
    loss_one: "The loss of this anchor: the surprise at the right answer, in nats. It cannot be negative.",
    s_pos: "The positive: the one candidate that belongs to the anchor. Its exponential stands above the line and below it.",
    s_neg: "The negatives: they stand below the line only. Whatever they gain, the positive loses.",
    tau: "The temperature divides every cosine. It is the unit in which differences count.",
    M: "The number of negatives. With equal cosines the loss is the logarithm of one more than that.",
  };

  cl.define("cl-eq", {
    key: "eq",
    state: {
      c: keys.cosines(),
      t: cl.temperature(),
      h: cl.choice("none", ...Object.keys(MEANING)),
      v: cl.choice("which", "max", "distance"),
    },

    compute({ c, t }) {
      const logits = c.map((s) => s / t);
      const p = cl.softmax(logits);
      const lse = cl.logSumExp(logits);
      const max = Math.max(...logits);
      return {
        loss: cl.infoNCE(c[0], c.slice(1), t), p, logits, lse, max,
        pPos: p[0],
        guess: Math.log(c.length),
        above: lse - max,
        numerator: Math.exp(logits[0]),
        denominator: sum(logits.map(Math.exp)),
        distances: c.map((s) => Math.sqrt(2 - 2 * s)),
      };
    },

    says({ c, t, h, v }, values) {
      if (h !== "none") return MEANING[h];
      if (v === "max")
        return `The loss is a soft maximum minus the positive: ${show(values.lse, 3)} − ${show(values.logits[0], 3)}. The soft maximum lies ${show(values.above, 3)} above the largest logit, and never more than log ${c.length} = ${show(values.guess, 3)}.`;
      if (v === "distance")
        return `On the sphere a cosine is a distance: s = 1 − d²/2. The positive is ${show(values.distances[0], 3)} away, and with distances in place of cosines the temperature acts like a squared width, ${t}.`;
      return `The positive is given ${percent(values.pPos)}, so that being told it is right costs ${show(values.loss, 3)} nats. Guessing among ${c.length} costs ${show(values.guess, 3)}.`;
    },

    rows({ c }, v) {
      return [
        ["Key", "Cosine", "Logit", "Exponential", "Weight", "Distance"],
        ...c.map((s, k) => [
          cl.nameOf(k), show(s, 4), show(v.logits[k], 4), short(Math.exp(v.logits[k])), show(v.p[k], 4), show(v.distances[k], 4),
        ]),
      ];
    },

    python: (state) => `${keys.python(state)}p = infonce.softmax_weights(s, temperature=tau)[0]
lse = (s[0] / tau).logsumexp(0)
print(repr(loss.item()), repr(p[0].item()), repr(lse.item()))`,

    exports: () => ["loss", "pPos", "lse"],

    draw(element, pen, width, height) {
      const { state: { c, v, h }, values } = element;
      const row = Math.min(46, (height - 62) / c.length);
      const place = { top: 30, row };
      if (v === "which")
        keys.rows(pen, width, place, { s: c, bars: values.p, full: 1, name: "weight p", texts: values.p.map((x) => show(x, 4)) });
      else if (v === "distance")
        keys.rows(pen, width, place, { s: c, bars: values.distances, full: 2, name: "distance d, at most 2", texts: values.distances.map((x) => show(x, 3)) });
      else {
        const low = Math.min(...values.logits);
        const full = values.max + values.guess - low;
        keys.rows(pen, width, place, { s: c, bars: values.logits.map((x) => x - low), full, name: "logit s/τ, above the lowest", texts: values.logits.map((x) => show(x, 2)), aside: true });
        const bar = cl.scale(low, low + full, width * 0.56, width - 58);
        const bottom = place.top + row * c.length;
        pen.rect("band", "area", bar(values.max), place.top, bar(low + values.guess) - bar(low), bottom - place.top);
        const at = bar(values.lse);
        pen.line("lse", "now strong", at, place.top, at, bottom);
        pen.text("lse-name", `soft maximum ${show(values.lse, 2)}`, at, bottom + 15, "middle");
      }
      const fraction = element.querySelector(".cl-play__fraction");
      const text = `−log ( ${short(values.numerator)} / ${short(values.denominator)} ) = ${show(values.loss, 6)} nats`;
      if (fraction && fraction.textContent !== text) fraction.textContent = text;
      for (const button of element.querySelectorAll("button[data-sym]"))
        button.setAttribute("aria-pressed", String(button.dataset.sym === h));
      for (const mark of element.querySelectorAll("[data-sym]"))
        mark.classList.toggle("is-pinned", mark.dataset.sym === h && mark.localName !== "button");
    },

    dragged: keys.dragged,
    pressed: keys.pressed,
    actions: {
      ...keys.actions,
      equal: (element) => element.set({ c: element.state.c.map(() => 0.3) }),
      shift: (element) => element.set({ c: element.state.c.map((s) => s + 0.1) }),
      ...Object.fromEntries(Object.keys(MEANING).map((name) => [name,
        (element) => element.set({ h: element.state.h === name ? "none" : name })])),
    },
  });
})();
