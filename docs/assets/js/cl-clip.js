// A small CLIP of emoji. Its text tower runs here; its pictures were embedded before.
// infonce/train/export.py says what its two files hold.
(() => {
  "use strict";
  const { show, percent, sum, softmax, clamp } = cl;
  const D = 128;
  const END = 4; // the last checkpoint

  /** Words, and their pieces of 3 and 4 characters; of 1 and 2 in Chinese or Japanese. */
  const ngrams = (text) =>
    text.toLowerCase().split(" ").flatMap((word) => {
      const dense = [...word].some((c) => c.codePointAt(0) > 0x2e7f);
      const inner = [...(dense ? word : `<${word}>`)];
      const pieces = (size) => inner.slice(size - 1).map((_, i) => inner.slice(i, i + size).join(""));
      return [`<${word}>`, ...(dense ? [1, 2] : [3, 4]).flatMap(pieces)];
    });

  /** The row of an n-gram: its 32-bit FNV-1a hash, modulo the size of the table. */
  const token = (ngram, tokens) => {
    let value = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(ngram)) value = Math.imul(value ^ byte, 0x01000193);
    return (value >>> 0) % tokens;
  };

  /** The error function by a series of terms of one sign. */
  const erf = (x) => {
    if (Math.abs(x) > 6) return Math.sign(x);
    let [term, total] = [x, x];
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(total); k++) total += term *= (2 * x * x) / (2 * k + 1);
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
  };

  const dot = (x, y) => {
    let total = 0;
    for (let k = 0; k < D; k++) total += x[k] * y[k];
    return total;
  };
  const unit = (x) => {
    const length = Math.sqrt(dot(x, x));
    return x.map((v) => v / length);
  };
  const mix = (a, x, b, y) => x.map((v, k) => a * v + b * y[k]);
  const mean = (rows) => [...rows[0]].map((_, k) => cl.mean(rows.map((x) => x[k])));

  const layer = (file, name, x) =>
    Array.from(file[`${name} bias`], (b, i) => b + dot(file[`${name} weight`].subarray(i * D), x));

  /** A text as a unit vector: mean of n-grams, layer norm, one hidden layer. */
  const read = (file, text) => {
    const tokens = ngrams(text).map((ngram) => token(ngram, file.tokens));
    let x = mean(tokens.map((n) => file.table.subarray(n * D, n * D + D)));
    const [middle, spread] = [cl.mean(x), Math.sqrt(cl.variance(x) + 1e-5)];
    x = x.map((v, k) => ((v - middle) / spread) * file["norm weight"][k] + file["norm bias"][k]);
    x = layer(file, "hidden", x).map((v) => v * 0.5 * (1 + erf(v / Math.SQRT2)));
    return unit(layer(file, "head", x));
  };

  let file, coming;

  /** Bytes times the scale of their row, as float64; captions, and the words of training. */
  const unpack = (about, buffer, sheet = "") => {
    const array = (name) => {
      const { type, shape: [n, d = 1], start } = about.arrays[name];
      if (type !== "int8") return Float64Array.from(new Float32Array(buffer, start, n * d));
      const scale = array(`${name} scale`);
      return Float64Array.from(new Int8Array(buffer, start, n * d), (v, k) => v * scale[Math.floor(k / d)]);
    };
    const arrays = Object.fromEntries(Object.keys(about.arrays).map((name) => [name, array(name)]));
    const captions = about.names.map((name, i) => `${name} ${about.keywords[i]}`);
    const fresh = new Set(about.new);
    const words = new Set(captions.filter((_, i) => !fresh.has(i)).flatMap((text) => text.toLowerCase().split(" ")));
    const units = (xs) => Array.from({ length: xs.length / D }, (_, i) => unit(xs.subarray(i * D, i * D + D)));
    const [images, early] = [units(arrays.images), units(arrays.early)];
    file = { ...about, ...arrays, images, early, captions, fresh, words, sheet, texts: new Map() };
  };

  /** The embedding of a text, kept for the next time. */
  const embed = (text) => {
    if (file.texts.size > 1000) file.texts.clear();
    if (!file.texts.has(text)) file.texts.set(text, read(file, text));
    return file.texts.get(text);
  };

  /** Fetch both files, once; from a disk, where nothing can be fetched, a script holds them. */
  const load = (at) => coming ??= (async () => {
    const url = (name) => new URL(name, new URL(at, location.href)).href;
    if (location.protocol === "file:") {
      await cl.script(url("offline/emoji-clip.js"));
      const { about, bytes } = cl.emojiFile;
      unpack(about, Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)).buffer, url("emoji-fluent.webp"));
      return;
    }
    const [about, bytes] = await Promise.all(["json", "bin"].map(async (end) => {
      const answer = await fetch(url(`emoji-clip.${end}`));
      if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
      return end === "json" ? answer.json() : answer.arrayBuffer();
    }));
    unpack(about, bytes, url("emoji-fluent.webp"));
  })();

  /** Places of a batch in the pool of new ideas. */
  const drawn = (n, seed) => {
    const uniform = cl.mulberry32(seed);
    const places = [...file.pool.keys()];
    for (let k = 0; k < n; k++) {
      const other = k + Math.floor(uniform() * (places.length - k));
      [places[k], places[other]] = [places[other], places[k]];
    }
    return places.slice(0, n);
  };

  const split = (text, by) => text.split(by).map((x) => x.trim()).filter(Boolean);
  const labels = ({ c }) => split(c, ",").slice(0, 8);
  const prompts = ({ p }, label) => split(label, "/").map((word) => p.replaceAll("{}", word).trim());

  const labelVector = (state, label) => unit(mean(prompts(state, label).map(embed)));

  /** All pictures by their cosines with a text, or with a mixture of two. */
  const ranked = cl.keep((q, r, w) => {
    const [one, two] = [embed(q), embed(r || q)];
    const query = unit(mix(1 - w, one, w, two));
    const cosines = file.images.map((x) => dot(x, query));
    const order = [...cosines.keys()].sort((j, k) => cosines[k] - cosines[j]);
    return {
      query, cosines, order,
      best: cosines[order[0]],
      first: order[0],
      average: cl.mean(cosines),
      fresh: order.slice(0, 10).filter((k) => file.fresh.has(k)).length,
      pair: dot(one, two),
    };
  });

  /** Zero-shot: the probabilities of labels for one picture. */
  const answered = cl.keep((c, p, i, t) => {
    const zeroCosines = labels({ c }).map((label) => dot(labelVector({ p }, label), file.images[i]));
    const zeroP = softmax(zeroCosines.map((x) => x / t));
    const answer = zeroP.indexOf(Math.max(...zeroP));
    return {
      labels: labels({ c }), zeroCosines, zeroP, answer,
      pBest: zeroP[answer],
      lead: zeroCosines[answer] - Math.max(-1, ...zeroCosines.filter((_, k) => k !== answer)),
    };
  });

  /** A batch of new ideas, n by n, row by row: picture by caption, now or at a checkpoint. */
  const matrix = cl.keep((n, seed, t, checkpoint) => {
    const places = drawn(n, seed);
    const batch = places.map((place) => file.pool[place]);
    const early = (side) => places.map((place) => file.early[(2 * checkpoint + side) * file.pool.length + place]);
    const [x, y] = checkpoint < END
      ? [early(0), early(1)]
      : [batch.map((row) => file.images[row]), batch.map((row) => embed(file.captions[row]))];
    const s = x.flatMap((a) => y.map((b) => dot(a, b)));
    const rows = (xs) => batch.map((_, k) => xs.slice(k * n, k * n + n));
    const turned = (xs) => xs.map((_, k) => xs[(k % n) * n + Math.floor(k / n)]);
    const soft = (xs) => rows(xs).flatMap((row) => softmax(row.map((x) => x / t)));
    const losses = (xs) => rows(xs).map((row, k) => cl.infoNCE(row[k], row.filter((_, j) => j !== k), t));
    const [pRow, pColumn] = [soft(s), turned(soft(turned(s)))];
    return {
      batch, s, pRow, pColumn,
      gradient: pRow.map((p, k) => (p + pColumn[k]) / (2 * n) - Number(k % (n + 1) === 0) / n),
      loss: cl.mean([...losses(s), ...losses(turned(s))]),
    };
  });

  /** All pictures and captions of new ideas, with the products that a shift needs. */
  const pairs = cl.keep(() => {
    const x = file.new.map((row) => file.images[row]);
    const y = file.new.map((row) => embed(file.captions[row]));
    const g = mix(1, mean(x), -1, mean(y));
    return { x, y, g, xy: Float64Array.from(x.flatMap((a) => y.map((b) => dot(a, b)))), xg: x.map((a) => dot(a, g)), yg: y.map((b) => dot(b, g)), gg: dot(g, g) };
  });

  /** Loss and accuracy after both sides moved towards each other by a share of the gap. */
  const shift = (share, tau) => {
    const { x, y, g, xy, xg, yg, gg } = pairs();
    const h = share / 2;
    const n = x.length;
    const left = xg.map((v) => 1 / Math.sqrt(1 - 2 * h * v + h * h * gg));
    const right = yg.map((v) => 1 / Math.sqrt(1 + 2 * h * v + h * h * gg));
    const [columns, apart] = [new Float64Array(n), new Float64Array(D)];
    let [loss, hits] = [0, 0];
    const own = [];
    for (let i = 0; i < n; i++) {
      let [row, best] = [0, -1];
      for (let j = 0; j < n; j++) {
        const s = (xy[i * n + j] + h * (xg[i] - yg[j]) - h * h * gg) * left[i] * right[j];
        const e = Math.exp((s - 1) / tau);
        row += e;
        columns[j] += e;
        if (i === j) own[i] = s;
        else best = Math.max(best, s);
      }
      loss += Math.log(row);
      if (own[i] > best) hits++;
    }
    for (let i = 0; i < n; i++) {
      loss += Math.log(columns[i]) - (2 * (own[i] - 1)) / tau;
      for (let k = 0; k < D; k++) apart[k] += left[i] * (x[i][k] - h * g[k]) - right[i] * (y[i][k] + h * g[k]);
    }
    return { loss: loss / (2 * n), right: hits / n, gap: Math.sqrt(dot(apart, apart)) / n };
  };
  const shifted = cl.keep(shift);

  /** 95% interval of a share of n (Wilson). */
  const interval = (p, n) => {
    const a = 1.959963984540054 ** 2 / n;
    const half = Math.sqrt(a * (p * (1 - p) + a / 4));
    return [(p + a / 2 - half) / (1 + a), (p + a / 2 + half) / (1 + a)];
  };

  const curve = cl.keep((tau) => Array.from({ length: 13 }, (_, k) => [-1 + k / 4, shift(-1 + k / 4, tau)]));

  const wordsRead = (state) => {
    const texts = { search: [state.q, state.r], zero: labels(state).flatMap((label) => prompts(state, label)) }[state.v] ?? [];
    return [...new Set(texts.join(" ").toLowerCase().split(" ").filter(Boolean))];
  };

  const arrange = (element, state) => {
    for (const part of element.querySelectorAll("[data-view]"))
      part.hidden = !part.dataset.view.split(" ").includes(state.v);
    const place = element.querySelector(".cl-play__words");
    const words = wordsRead(state);
    if (place.dataset.words === String(words)) return;
    place.dataset.words = words;
    const spans = words.map((word) => Object.assign(document.createElement(file.words.has(word) ? "span" : "s"), { textContent: word }));
    const unknown = words.filter((word) => !file.words.has(word));
    const note = unknown.length ? `Not among the words of training, read by pieces alone: ${unknown.join(", ")}.` : "All are words of training.";
    place.replaceChildren(...(words.length ? [...spans.flatMap((span) => [span, " "]), `· ${note}`] : []));
  };

  const picture = (pen, key, row, x, y, size) => {
    const viewBox = `${32 * (row % 40)} ${32 * Math.floor(row / 40)} 32 32`;
    pen.group(key, { x, y, width: size, height: size, viewBox, role: "img", "aria-label": file.names[row] }, "svg")
      .put(`${key}-i`, "image", { href: file.sheet, width: 1280, height: 1280 });
  };

  const short = (text, width) => {
    const most = Math.max(4, Math.floor(width / 6.6));
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
  };

  const bar = (pen, key, x, y, width, height, share, role) => {
    pen.rect(`t${key}`, "area", x, y, width, height);
    pen.rect(`b${key}`, "bar", x, y, width * Math.max(0, share), height, role);
  };

  const drawSearch = ({ values: v }, pen, width, height) => {
    const row = (height - 20) / 10;
    v.order.slice(0, 10).forEach((k, n) => {
      const y = n * row;
      picture(pen, `p${n}`, k, 0, y + 2, row - 6);
      const left = row + 4;
      const full = width - left - 44;
      pen.text(`n${n}`, short(file.names[k], full), left, y + row * 0.46, "start", "label name");
      bar(pen, n, left, y + row * 0.62, full, 6, v.cosines[k], "positive");
      pen.text(`v${n}`, show(v.cosines[k], 3), width, y + row * 0.62 + 8, "end");
      if (file.fresh.has(k)) pen.sign(`h${n}`, "anchor", width - 16, y + row * 0.34, 0.6, "friend");
    });
    pen.sign("legend-s", "anchor", 8, height - 8, 0.6, "friend");
    pen.text("legend", "an idea that training never saw", 22, height - 4);
  };

  const drawZero = ({ state, values: v }, pen, width, height) => {
    picture(pen, "big", state.i, 0, 0, 96);
    pen.text("name", short(file.names[state.i], width - 112), 112, 44, "start", "name");
    pen.text("is", file.fresh.has(state.i) ? "an idea that training never saw" : "an idea of training, in a new style", 112, 66);
    const row = Math.min(44, (height - 118) / v.labels.length);
    v.labels.forEach((label, k) => {
      const y = 118 + k * row;
      pen.text(`l${k}`, short(label, width - 150), 0, y + 11, "start", "label");
      pen.text(`c${k}`, `cosine ${show(v.zeroCosines[k], 3)}`, width, y + 11, "end");
      bar(pen, k, 0, y + 17, width - 60, 10, v.zeroP[k], k === v.answer ? "positive" : "negative");
      pen.text(`p${k}`, percent(v.zeroP[k]), width, y + 26, "end");
    });
  };

  const SHADES = { cosine: "s", row: "pRow", column: "pColumn", gradient: "gradient" };

  const drawMatrix = ({ state, values: v }, pen, width, height) => {
    const { n, a, b, m } = state;
    const icon = 34;
    const size = Math.min(width - icon - 4, height - icon - n * 17 - 16) / n;
    const grid = pen.group("grid", { role: "grid", "aria-label": "pictures by captions" });
    const xs = v[SHADES[m]];
    const most = Math.max(...xs.map(Math.abs));
    for (let i = 0; i < n; i++) {
      const line = grid.group(`r${i}`, { role: "row" });
      const y = icon + i * size;
      picture(pen, `p${i}`, v.batch[i], 0, y + (size - Math.min(size, 30)) / 2, Math.min(size - 2, 30));
      pen.text(`c${i}`, String(i + 1), icon + (i + 0.5) * size, icon - 8, "middle", i === b ? "tick name" : "tick");
      for (let j = 0; j < n; j++) {
        const x = xs[i * n + j];
        const here = i === a && j === b;
        line.put(`x${i}-${j}`, "rect", {
          class: `cell${here ? " here" : ""}`, role: "gridcell", "data-handle": `${i}-${j}`, tabindex: here ? "0" : "-1",
          "data-role": m === "gradient" ? (x < 0 ? "positive" : "negative") : "n", "aria-selected": String(here),
          "aria-label": `picture ${file.names[v.batch[i]]}, caption ${file.names[v.batch[j]]}: ${show(x, 3)}`,
          x: icon + j * size, y, width: size - 1, height: size - 1, "fill-opacity": (Math.abs(x) / most).toFixed(3),
        });
      }
    }
    pen.rect("mark", "pin", icon + b * size, icon + a * size, size - 1, size - 1);
    for (let j = 0; j < n; j++)
      pen.text(`k${j}`, short(`${j + 1} ${file.names[v.batch[j]]}`, width), 0, icon + n * size + 20 + 17 * j, "start", j === b ? "label name" : "label");
  };

  const drawGap = ({ state, values: v }, pen, width, height) => {
    const points = curve(state.t);
    const half = height / 2;
    const plot = (key, top, ys, now, name, low, high) => {
      const box = { left: 46, right: width - 12, top: top + 24, bottom: top + half - 40 };
      const { x, y } = cl.axes(pen, key, box, { min: -1, max: 2, ticks: [-1, 0, 1, 2], label: "share of the gap that is closed" }, { min: low, max: high, label: name });
      const line = (values) => points.map(([g], k) => [x(g), y(values[k])]);
      pen.curve(`${key}-c`, "curve thick", line(ys));
      pen.line(`${key}-n`, "now", x(state.g), box.top, x(state.g), box.bottom);
      pen.circle(`${key}-d`, "dot", x(state.g), y(now), 5, "anchor");
      return line;
    };
    const [losses, rights] = ["loss", "right"].map((what) => points.map(([, p]) => p[what]));
    const [low, high] = [Math.min(...losses), Math.max(...losses)];
    const pad = 0.1 * (high - low) + 1e-6;
    plot("loss", 0, losses, v.gapLoss, "loss / nats", low - pad, high + pad);
    const [from, to] = [0, 1].map((end) => rights.map((p) => interval(p, file.new.length)[end]));
    const line = plot("right", half, rights, v.gapRight, "right text first", 0, 1.05 * Math.max(...to));
    pen.curve("right-b", "area", [...line(from), ...line(to).reverse()]);
  };

  cl.clip = { unpack };

  cl.define("cl-clip", {
    key: "clip",
    state: {
      v: cl.choice("search", "zero", "matrix", "gap"),
      q: cl.text("red heart", 60, 1),
      r: cl.text("", 60),
      w: cl.number(0.5, 0, 1, { digits: 2 }),
      c: cl.text("animal/bird, food/drink, face/smile, vehicle/car", 140, 1),
      p: cl.text("{}", 40, 1),
      i: cl.integer(591, 0, 1593),
      t: cl.number(0.0253, 0.01, 1, { log: true }),
      n: cl.integer(8, 2, 8),
      s: cl.integer(1, 1, 9999),
      k: cl.integer(END, 0, END),
      m: cl.choice("row", "column", "gradient", "cosine"),
      a: cl.integer(0, 0, 7),
      b: cl.integer(0, 0, 7),
      g: cl.number(0, -1, 2, { digits: 2 }),
    },

    ready: () => Boolean(file),
    data: () => load(document.querySelector("[data-files]").dataset.files),

    repair: (state) => ({
      ...state, a: Math.min(state.a, state.n - 1), b: Math.min(state.b, state.n - 1),
      c: labels(state).length ? state.c : starts.c,
    }),

    compute(state) {
      const { q, r, w, c, p, i, t, n, s, k, a, b, g } = state;
      const at = a * n + b;
      const [batch, gap] = [matrix(n, s, t, k), shifted(g, t)];
      const [gapLow, gapHigh] = interval(gap.right, file.new.length);
      return {
        ...ranked(q, r, w), ...answered(c, p, i, t), ...batch,
        cellS: batch.s[at], cellRow: batch.pRow[at], cellColumn: batch.pColumn[at], cellGradient: batch.gradient[at],
        gap: gap.gap, gapLoss: gap.loss, gapRight: gap.right, gapLow, gapHigh,
      };
    },

    says(state, v) {
      const { q, r, w, i, k, a, b, g, t } = state;
      const name = (row) => file.names[row];
      if (state.v === "zero")
        return `Of these labels “${v.labels[v.answer]}” fits ${name(i)} best, with ${percent(v.pBest)}; its cosine leads by ${show(v.lead, 3)}. One unit of probability is given away even if no label fits.`;
      if (state.v === "matrix")
        return `After ${file.steps[k] ?? "all"} steps picture ${name(v.batch[a])} gives caption ${b + 1} (${name(v.batch[b])}) ${percent(v.cellRow)} of its row; the caption gives the picture ${percent(v.cellColumn)} of its column. Training ${v.cellGradient < 0 ? "raises" : "lowers"} this logit.`;
      if (state.v === "gap")
        return `With ${show(100 * g, 0)}% of the gap closed the loss is ${show(v.gapLoss, 3)} nats, and ${percent(v.gapRight)} of ${file.new.length} new ideas find their text first (${percent(v.gapLow)} to ${percent(v.gapHigh)} at 95%, as if they were independent). Chance is ${percent(1 / file.new.length)}.`;
      const mixed = r ? ` and “${r}”, mixed ${show(1 - w, 2)} to ${show(w, 2)} (cosine of the two ${show(v.pair, 4)})` : "";
      return `Nearest to “${q}”${mixed}: ${v.order.slice(0, 3).map(name).join(", ")}. A search never says that nothing fits.`;
    },

    rows({ v: view, n, t }, v) {
      const name = (row) => file.names[row];
      if (view === "zero") return [["Label", "Cosine", "Probability"], ...v.labels.map((label, k) => [label, show(v.zeroCosines[k], 4), percent(v.zeroP[k])])];
      if (view === "matrix")
        return [
          ["Picture, caption", "Cosine", "Of its row", "Of its column", "Gradient"],
          ...v.s.map((s, k) => [`${name(v.batch[Math.floor(k / n)])}, ${name(v.batch[k % n])}`, show(s, 4), show(v.pRow[k], 4), show(v.pColumn[k], 4), show(v.gradient[k], 4)]),
        ];
      if (view === "gap")
        return [["Share closed", "Gap", "Loss", "Right text first"], ...curve(t).map(([x, p]) => [show(x, 2), show(p.gap, 4), show(p.loss, 4), percent(p.right)])];
      return [["Picture", "Cosine", "Idea"], ...v.order.slice(0, 20).map((k) => [name(k), show(v.cosines[k], 4), file.fresh.has(k) ? "new" : "of training"])];
    },

    python(state) {
      const { q, r, w, i, t, n, s, k, a, b, g } = state;
      const text = JSON.stringify;
      const places = text(drawn(n, s));
      const head = `import json
from pathlib import Path
import torch, infonce
from infonce.train.export import read_early, read_images, read_text

folder = Path("docs/assets/data")  # of a clone
file = json.loads((folder / "emoji-clip.json").read_text("utf-8"))
file["bytes"] = (folder / "emoji-clip.bin").read_bytes()
images = read_images(file)
unit = lambda x: torch.nn.functional.normalize(x, dim=-1)
`;
      const embedded = `caption = lambda k: f"{file['names'][k]} {file['keywords'][k]}"
x, y = images[rows], torch.stack([read_text(file, caption(k)) for k in rows])`;
      return head + {
        search: `text = ${r ? `unit(${1 - w} * read_text(file, ${text(q)}) + ${w} * read_text(file, ${text(r)}))` : `read_text(file, ${text(q)})`}
s = images @ text
print(repr(s.max().item()), int(s.argmax()))`,
        zero: `prompts = ${text(labels(state).map((label) => prompts(state, label)))}
classes = [unit(torch.stack([read_text(file, x) for x in label]).mean(0)) for label in prompts]
s = torch.stack(classes) @ images[${i}]
p = infonce.softmax_weights(s[None], temperature=${t})[0]
print(repr(p.max().item()), int(p.argmax()))`,
        matrix: `${k < END ? `x, y = (z[${places}] for z in read_early(file, ${file.steps[k]}))` : `rows = [file["pool"][k] for k in ${places}]
${embedded}`}
loss = infonce.clip_loss(x, y, logit_scale=1 / ${t})
p_row = infonce.softmax_weights(x @ y.T, temperature=${t})
p_column = infonce.softmax_weights(y @ x.T, temperature=${t}).T
gradient = (p_row + p_column) / (2 * ${n}) - torch.eye(${n}) / ${n}  # on the logits
print(repr(loss.item()), repr(gradient[${a}, ${b}].item()))`,
        gap: `rows = file["new"]
${embedded}
gap = infonce.modality_gap(x, y)
x, y = unit(x - ${g} / 2 * gap), unit(y + ${g} / 2 * gap)
loss = infonce.clip_loss(x, y, logit_scale=1 / ${t})
first = (infonce.retrieval_ranks(x, y) == 1).double().mean()
print(repr(loss.item()), repr(first.item()))`,
      }[state.v];
    },

    exports: ({ v }) => ({ search: ["best", "first"], zero: ["pBest", "answer"], matrix: ["loss", "cellGradient"], gap: ["gapLoss", "gapRight"] })[v],

    draw(element, pen, width, height) {
      arrange(element, element.state);
      ({ search: drawSearch, zero: drawZero, matrix: drawMatrix, gap: drawGap })[element.state.v](element, pen, width, height);
    },

    pressed(element, name, key) {
      const { a, b, n } = element.state;
      const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -n], End: [0, n] }[key] ?? [];
      if (down === undefined) return false;
      element.set({ a: clamp(a + down, 0, n - 1), b: clamp(b + right, 0, n - 1) });
      element.querySelector(`[data-handle="${element.state.a}-${element.state.b}"]`).focus();
      return true;
    },

    clicked(element, name) {
      const [a, b] = name.split("-").map(Number);
      element.set({ a, b });
    },

    actions: {
      another(element) {
        const { i } = element.state;
        element.set({ i: file.new[(file.new.findIndex((row) => row >= i) + 17) % file.new.length] });
      },
      batch: cl.reseed,
      mean: (element) => element.set({ g: 1 }),
    },
  });

  const starts = cl.starts(cl.specs["cl-clip"]);
})();
