"""One batch, every definition: what papers and libraries call the loss."""

# --8<-- [start:batch]
import numpy as np

N, d, K, tau = 8, 16, 64, 0.1
rng = np.random.default_rng(0)
content = rng.normal(size=(N, d))
view1, view2 = (content + 0.8 * rng.normal(size=(N, d)) for _ in range(2))
queue = rng.normal(size=(K, d))  # keys of earlier batches, for MoCo


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def lse(logits):  # log of the sum of the exponentials of a row
    top = logits.max(axis=1)
    return top + np.log(np.exp(logits - top[:, None]).sum(axis=1))


def similarities(view1, view2, queue):
    a, b, z = unit(view1), unit(view2), unit(np.concatenate([view1, view2]))
    partner = np.roll(np.arange(len(z)), len(z) // 2)
    away = np.eye(len(z), dtype=bool)
    others = (z @ z.T)[~away].reshape(len(z), -1)  # all but the anchor
    away[np.arange(len(z)), partner] = True
    return {
        "pairs": a @ b.T,  # (N, N): view 1 against view 2
        "positive": (z * z[partner]).sum(axis=1),  # (2N,)
        "others": others,  # (2N, 2N - 1): the positive and the negatives
        "negatives": (z @ z.T)[~away].reshape(len(z), -1),  # (2N, 2N - 2)
        "queue": np.column_stack([(a * b).sum(axis=1), a @ unit(queue).T]),
    }


# --8<-- [end:batch]


# --8<-- [start:definitions]
def one_way(s, tau):  # CPC with cosines, MNRL, SimCSE: view 1 asks
    return (lse(s["pairs"] / tau) - np.diag(s["pairs"]) / tau).mean()


def clip(s, tau):  # both ask, the mean of two means
    back = {"pairs": s["pairs"].T}
    return (one_way(s, tau) + one_way(back, tau)) / 2


def nt_xent(s, tau):  # SimCLR as printed: the mean over 2N views
    return (lse(s["others"] / tau) - s["positive"] / tau).mean()


def simclr_code(s, tau):  # SimCLR as released: two means over N, added
    each = lse(s["others"] / tau) - s["positive"] / tau
    return each[: len(each) // 2].mean() + each[len(each) // 2 :].mean()


def moco(s, tau):  # one positive, K keys of a queue
    return (lse(s["queue"] / tau) - s["queue"][:, 0] / tau).mean()


def sup_con_paper(s, tau):  # a sum over 2N views, here without labels
    return (lse(s["others"] / tau) - s["positive"] / tau).sum()


def sup_con_code(s, tau, base=0.07):  # a mean, times tau over a base
    return tau / base * nt_xent(s, tau)


def decoupled(s, tau):  # Yeh et al.: the positive leaves the denominator
    return (lse(s["negatives"] / tau) - s["positive"] / tau).mean()


def debiased(s, tau, prior=0.1, beta=0.0):  # Chuang et al.; beta: Robinson
    e, positive = np.exp(s["negatives"] / tau), np.exp(s["positive"] / tau)
    M = e.shape[1]
    weight = e**beta / (e**beta).mean(axis=1, keepdims=True)
    total = ((weight * e).sum(axis=1) - prior * M * positive) / (1 - prior)
    total = np.maximum(total, M * np.exp(-1 / tau))
    return np.log1p(total / positive).mean()


def hard(s, tau):
    return debiased(s, tau, beta=1.0)


def siglip(s, tau, bias=-10.0):  # N^2 yes-or-no questions, divided by N
    sign = 2 * np.eye(len(s["pairs"])) - 1
    logits = sign * (s["pairs"] / tau + bias)
    return np.logaddexp(0, -logits).sum() / len(sign)


# --8<-- [end:definitions]

# --8<-- [start:table]
DEFINITIONS = {  # name -> definition, the temperature that its code starts from
    "one direction (MNRL)": (one_way, 0.05),
    "CLIP": (clip, 0.07),
    "SimCLR, paper": (nt_xent, 0.1),
    "SimCLR, code": (simclr_code, 0.1),
    "lightly": (nt_xent, 0.5),
    "MoCo v1": (moco, 0.07),
    "SupCon, paper": (sup_con_paper, 0.07),
    "SupCon, code": (sup_con_code, 0.07),
    "decoupled": (decoupled, 0.1),
    "debiased": (debiased, 0.5),
    "hard negatives": (hard, 0.5),
    "SigLIP": (siglip, 0.1),
}
batch = similarities(view1, view2, queue)
one_point = similarities(*(np.ones_like(x) for x in (view1, view2, queue)))
at, default, collapse = {}, {}, {}
print(f"{'':20}  tau {tau}   ratio  its default   collapse")
for name, (loss, start) in DEFINITIONS.items():
    at[name] = loss(batch, tau)
    default[name] = loss(batch, start)
    collapse[name] = loss(one_point, tau)
    ratio = at[name] / nt_xent(batch, tau)
    print(
        f"{name:20} {at[name]:8.4f} {ratio:7.3f}"
        f"  {default[name]:7.4f} at {start:<4} {collapse[name]:8.4f}"
    )
# --8<-- [end:table]

# --8<-- [start:package]
import torch

import infonce

a, b, keys = (torch.from_numpy(x) for x in (view1, view2, queue))
images = torch.arange(N).repeat(2)  # the labels of both views
here = {
    "one direction (MNRL)": infonce.info_nce(a, b, temperature=tau),
    "CLIP": infonce.clip_loss(a, b, logit_scale=1 / tau),
    "SimCLR, paper": infonce.nt_xent(a, b, temperature=tau),
    "MoCo v1": infonce.info_nce(a, b, keys, temperature=tau),
    "SupCon, paper": infonce.sup_con(
        torch.cat([a, b]), images, temperature=tau, reduction="sum"
    ),
    "SigLIP": infonce.siglip_loss(a, b, logit_scale=1 / tau, logit_bias=-10.0),
}
for key, value in here.items():
    print(f"{key:20} {value:8.4f} (above: {at[key]:.4f})")
# --8<-- [end:package]

paper = at["SimCLR, paper"]
doubled = at["SimCLR, code"] / paper
summed = at["SupCon, paper"] / paper
rescaled = at["SupCon, code"] / paper
one_of_two = at["one direction (MNRL)"] / paper
clip_of = at["CLIP"] / paper
moco_of = at["MoCo v1"] / paper
decoupled_of = at["decoupled"] / paper
debiased_of = at["debiased"] / paper
hard_of = at["hard negatives"] / paper
siglip_of = at["SigLIP"] / paper
views = 2 * N
base, cold, warm = 0.07, 0.07, 0.5
both = (nt_xent(batch, cold), nt_xent(batch, warm))
share = {name: at[name] / collapse[name] for name in at}

VALUES = {
    "N": N,
    "K": K,
    "tau": tau,
    "views": views,
    "one_way": here["one direction (MNRL)"],
    "one_way_of": one_of_two,
    "one_way_collapse": collapse["one direction (MNRL)"],
    "clip": here["CLIP"],
    "clip_of": clip_of,
    "clip_collapse": collapse["CLIP"],
    "paper": here["SimCLR, paper"],
    "paper_collapse": collapse["SimCLR, paper"],
    "code": at["SimCLR, code"],
    "doubled": doubled,
    "code_collapse": collapse["SimCLR, code"],
    "moco": here["MoCo v1"],
    "moco_of": moco_of,
    "moco_collapse": collapse["MoCo v1"],
    "summed": here["SupCon, paper"],
    "summed_of": summed,
    "summed_collapse": collapse["SupCon, paper"],
    "rescaled": at["SupCon, code"],
    "rescaled_of": rescaled,
    "rescaled_collapse": collapse["SupCon, code"],
    "decoupled": at["decoupled"],
    "decoupled_of": decoupled_of,
    "decoupled_collapse": collapse["decoupled"],
    "debiased": at["debiased"],
    "debiased_of": debiased_of,
    "debiased_collapse": collapse["debiased"],
    "hard": at["hard negatives"],
    "hard_of": hard_of,
    "hard_collapse": collapse["hard negatives"],
    "siglip": here["SigLIP"],
    "siglip_of": siglip_of,
    "siglip_collapse": collapse["SigLIP"],
    "base": base,
    "cold": cold,
    "warm": warm,
    "at_cold": both[0],
    "at_warm": both[1],
    "share": share["SimCLR, paper"],
    "share_code": share["SimCLR, code"],
    "share_one_way": share["one direction (MNRL)"],
    "share_moco": share["MoCo v1"],
}


def figure():
    import matplotlib.pyplot as plt

    names = list(DEFINITIONS)
    scaled = {n for n in names if n.startswith(("SimCLR", "SupCon", "lightly"))}
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(7.6, 4.6), sharey=True, layout="constrained"
    )
    for ax, values in ((left, at), (right, share)):
        for group, colour, hatch, label in (
            (set(names) - scaled, "C0", "", "another loss"),
            (scaled, "C4", "//", "NT-Xent times a factor"),
        ):
            shown = [n for n in names if n in group]
            ax.barh(
                [names.index(n) for n in shown],
                [values[n] for n in shown],
                color=colour,
                hatch=hatch,
                label=label,
            )
        ax.axvline(0, color="black", lw=0.8)
    left.set_yticks(range(len(names)), names)
    left.invert_yaxis()
    left.set(xlabel="loss / nats", title=f"one batch at τ = {tau}")
    right.set(xlabel="loss over loss at collapse", title="factors divided out")
    right.legend(loc="upper left", bbox_to_anchor=(-0.7, -0.16), ncols=2)
    return fig
