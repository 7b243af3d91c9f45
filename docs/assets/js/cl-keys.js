// Keys by their cosines: a row each, a point to drag on the left, a bar of any number on the right.
(() => {
  "use strict";
  if (!window.cl || cl.keys) return;

  const nameOf = (k) => (k === 0 ? "positive" : `negative ${k}`);

  /** Where things are in a picture of this width. */
  const columns = (width) => ({
    track: cl.scale(-1, 1, 40, width * 0.5),
    bar: [width * 0.56, width - 58],
  });

  /**
   * Rows of keys.
   * @param {any} pen
   * @param {number} width
   * @param {{top: number, row: number}} place
   * @param {{s: number[], bars: number[], full: number, name: string, texts: string[], aside?: boolean}} what
   */
  const rows = (pen, width, { top, row }, { s, bars, full, name, texts, aside = false }) => {
    const { track, bar } = columns(width);
    const bottom = top + row * s.length;
    for (const v of [-1, 0, 1]) {
      pen.put(`keys-x${v}`, "line", { class: "grid", x1: track(v), x2: track(v), y1: top, y2: bottom });
      const place = { class: "tick", x: track(v), y: bottom + 15, "text-anchor": "middle" };
      pen.put(`keys-t${v}`, "text", place, cl.show(v, 0));
    }
    pen.put("keys-cosine", "text", { class: "label", x: track(-1), y: top - 8, "data-sym": "s" }, "cosine s");
    pen.put("keys-name", "text", { class: "label", x: bar[0], y: top - 8 }, name);
    pen.put("keys-base", "line", { class: "axis", x1: bar[0], x2: bar[0], y1: top, y2: bottom });
    const under = pen.put("keys-under", "g");
    const over = pen.put("keys-over", "g");
    s.forEach((x, k) => {
      const y = top + row * (k + 0.5);
      const role = k ? "negative" : "positive";
      const sign = { class: "name", x: 14, y: y + 5, "text-anchor": "middle" };
      pen.put(`keys-n${k}`, "text", sign, k ? String(k) : "+", under);
      pen.put(`keys-l${k}`, "line", { class: "axis", x1: track(-1), x2: track(1), y1: y, y2: y }, undefined, under);
      const long = Math.max(0, Math.min(1, bars[k] / full)) * (bar[1] - bar[0]);
      const look = { class: "bar", "data-role": role, "data-sym": k ? "s_neg" : "s_pos", x: bar[0], y: y - row * 0.32, width: long, height: row * 0.64 };
      pen.put(`keys-b${k}`, "rect", look, undefined, under);
      const value = { class: "tick", x: aside ? width - 8 : bar[0] + long + 6, y: y + 4, "text-anchor": aside ? "end" : "start" };
      pen.put(`keys-v${k}`, "text", value, texts[k], under);
      const spoken = { now: x, min: -1, max: 1, text: `cosine ${x}, ${name} ${texts[k]}` };
      cl.handle(pen, `c${k}`, role, track(x), y, nameOf(k), spoken, over);
    });
  };

  const change = (element, name, s) => {
    const k = Number(name.slice(1));
    element.set({ c: element.state.c.map((old, n) => (n === k ? s : old)) });
  };

  const dragged = (element, name, x) =>
    change(element, name, columns(element.size[0]).track.back(x));

  const pressed = (element, name, key, turn) => {
    const { c } = element.state;
    const k = Number(name.slice(1));
    if (turn) change(element, name, c[k] + turn / 100);
    else if (key === "Home" || key === "End") change(element, name, key === "Home" ? -1 : 1);
    else if (key === "Delete" && k && c.length > 2) {
      element.set({ c: c.filter((_, n) => n !== k) });
      element.querySelector(`[data-handle="c${Math.min(k, c.length - 2)}"]`)?.focus();
    } else if (key.toLowerCase() === "n" && c.length < 8) element.set({ c: [...c, 0] });
    else return false;
    return true;
  };

  const actions = {
    add: (element) => element.state.c.length < 8 && element.set({ c: [...element.state.c, 0] }),
    drop: (element) => element.state.c.length > 2 && element.set({ c: element.state.c.slice(0, -1) }),
  };

  const cosines = () => cl.list(cl.number(0, -1, 1), [0.8, 0.75, 0.5, 0.2, -0.1, -0.4], 2, 8);

  const python = ({ c, t }) => `import torch, infonce

s = torch.tensor([${JSON.stringify(c).replaceAll(",", ", ")}], dtype=torch.float64)  # the positive first
tau, first = ${t}, torch.tensor([0])
loss = infonce.info_nce_from_similarity(s, first, temperature=tau)
`;

  cl.keys = { rows, dragged, pressed, actions, cosines, nameOf, python };
})();
