"""PyTorch on one thread: matrix products, attention, and the training step. Reads a task per line, answers with a line of JSON."""

import json
import sys
import time

import torch

torch.set_num_threads(1)
SAMPLES, SAMPLE_SECONDS, LONG_SECONDS, WARM_SECONDS = 3, 0.06, 0.5, 0.5
fixture_path = sys.argv[1]


def softmax(task):
    x = torch.rand(task["n"], task["n"]) * 2 - 1
    expected = torch.softmax(x.double(), 1)
    return lambda: torch.softmax(x, 1), lambda: error(torch.softmax(x, 1), expected)


def matmul(task):
    a, b = (torch.rand(task["n"], task["n"]) * 2 - 1 for _ in range(2))
    return lambda: a @ b, lambda: error(a @ b, a.double() @ b.double())


def attention(task):
    heads, width, tokens = 8, 64, task["T"]
    shape = (heads, tokens, width)
    q, k, v, dout = (torch.rand(shape) * 2 - 1 for _ in range(4))
    mask = torch.full((tokens, tokens), float("-inf")).triu(1) if task["causal"] else None

    def mix(q, k, v):
        logits = (q * width**-0.5) @ k.transpose(1, 2)
        return torch.softmax(logits if mask is None else logits + mask.to(q.dtype), -1) @ v

    def everything(q, k, v, dout):
        if not task["backward"]:
            return [mix(q, k, v)]
        q, k, v = (x.detach().requires_grad_() for x in (q, k, v))
        out = mix(q, k, v)
        return [out.detach(), *torch.autograd.grad(out, (q, k, v), dout)]

    def check():
        expected = everything(*(x.double() for x in (q, k, v, dout)))
        return max(error(a, e) for a, e in zip(everything(q, k, v, dout), expected))

    return lambda: everything(q, k, v, dout), check


def step(_):
    fixture = json.load(open(fixture_path))
    shape, options = fixture["shape"], fixture["optimizer"]
    p = {
        name: torch.tensor(x["values"], dtype=torch.float32).reshape(x["shape"]).requires_grad_()
        for name, x in fixture["parameters"].items()
    }
    batches = [
        [torch.tensor(b[name]).reshape(shape["batch"], shape["context"]) for name in ("inputs", "targets")]
        for b in fixture["batches"]
    ]
    decay = dict(params=[x for x in p.values() if x.dim() >= 2], weight_decay=options["weightDecay"])
    rest = dict(params=[x for x in p.values() if x.dim() < 2], weight_decay=0)
    adamw = torch.optim.AdamW(
        [decay, rest],
        lr=options["learningRate"],
        betas=(options["beta1"], options["beta2"]),
        eps=options["epsilon"],
    )
    mask = torch.full((shape["context"], shape["context"]), float("-inf")).triu(1)
    done = 0

    def run():
        nonlocal done
        inputs, targets = batches[done % len(batches)]
        done += 1
        loss = gpt_loss(p, inputs, targets, mask, shape)
        adamw.zero_grad(set_to_none=True)
        loss.backward()
        adamw.step()
        return loss.item()

    def check():
        expected = torch.tensor(fixture["losses"]).double()
        return error(torch.tensor([run() for _ in fixture["losses"]]).double(), expected)

    return run, check


def gpt_loss(p, inputs, targets, mask, shape):
    batch, tokens = inputs.shape
    width, heads = shape["width"], shape["heads"]

    def norm(x, gain):
        return torch.nn.functional.layer_norm(x, (width,), gain)

    def split(x):
        return x.view(batch, tokens, heads, width // heads).transpose(1, 2)

    x = torch.nn.functional.embedding(inputs, p["token.weight"]) + p["position.weight"]
    for index in range(shape["layers"]):
        w = lambda name: p[f"blocks.{index}.{name}"]
        y = norm(x, w("norm1.gain"))
        q, k, v = (
            split(y @ w(f"attention.{name}.weight")) for name in ("scores.query", "scores.key", "value")
        )
        logits = (q @ k.transpose(2, 3)) * (width // heads) ** -0.5 + mask
        mixed = (torch.softmax(logits, -1) @ v).transpose(1, 2).reshape(batch, tokens, width)
        x = x + mixed @ w("attention.output.weight")
        up = torch.nn.functional.gelu(norm(x, w("norm2.gain")) @ w("mlp.up.weight"))
        x = x + up @ w("mlp.down.weight")
    logits = norm(x, p["norm.gain"]) @ p["token.weight"].t()
    return torch.nn.functional.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))


def error(actual, expected):
    return ((actual.double() - expected).abs().max() / expected.abs().max()).item()


def sample(run, samples):
    seconds = []
    while len(seconds) < samples and not (seconds and seconds[0] > LONG_SECONDS):
        began, calls = time.perf_counter(), 0
        while calls == 0 or time.perf_counter() - began < SAMPLE_SECONDS:
            run()
            calls += 1
        seconds.append((time.perf_counter() - began) / calls)
    return seconds


kinds = {"matmul": matmul, "softmax": softmax, "attention": attention, "step": step}
prepared = {}
for line in sys.stdin:
    task = json.loads(line)
    key = json.dumps(task, sort_keys=True)
    if key not in prepared:
        run, check = kinds[task["kind"]](task)
        prepared[key] = (run, check())
        began = time.perf_counter()
        while time.perf_counter() - began < WARM_SECONDS:
            run()
    run, off = prepared[key]
    answer = {"way": "torch " + torch.__version__, "error": off, "seconds": sample(run, SAMPLES)}
    print(json.dumps(answer), flush=True)
