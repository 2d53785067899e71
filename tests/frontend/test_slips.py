"""What people type who come from NumPy, PyTorch, JAX or micrograd: it works, or says what to write."""

import inspect
import math
import re
import sys
from functools import cache
from importlib import import_module

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import UnknownNameError
from autograd_lite.frontend import other_libraries
from autograd_lite.nn import other_libraries as of_networks

NAMED = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY

WORKS = [
    "x.sum(0)",
    "x.sum(axis=0)",
    "x.var(ddof=1)",
    "M.reshape((3, 1, 2))",
    "M.reshape(-1)",
    "M.flatten()",
    "M.ravel()",
    "M.squeeze()",
    "M.transpose()",
    "M.transpose(0, 1)",
    "M.transpose(1, 0)",
    "M.T",
    "M.mT",
    "M.repeat(2)",
    "x.sin()",
    "x.cos()",
    "x.abs()",
    "x.pow(2)",
    "x.square()",
    "x.relu()",
    "x.softmax()",
    "x.log_softmax()",
    "x.clip(0, 1)",
    "x.dot(x)",
    "x.copy()",
    "x.astype(np.float32)",
    'x.astype("float32")',
    "x -= 1",
    "s.value -= 0.1",
    "x.cumsum(0)",
    "x.any()",
    "x.astype(int)",
    "ag.sum(x, 0)",
    "ag.mean(x, 0)",
    "ag.max(x, 0)",
    "ag.softmax(x, 0)",
    "ag.argmax(x, 0)",
    "ag.zeros(3)",
    "ag.zeros((3,))",
    "ag.ones((2, 2))",
    "ag.eye(3)",
    "ag.arange(3)",
    "ag.arange(0, 1, 0.1)",
    "ag.linspace(0, 1, 5)",
    "ag.full((2,), 1.0)",
    "ag.zeros_like(x)",
    "ag.ones_like(x)",
    "ag.full_like(x, 2.0)",
    "ag.empty((2,))",
    "ag.float32",
    "ag.pi",
    "ag.inf",
    "ag.newaxis",
    "ag.expand_dims(x, 0)",
    "ag.grad(lambda a, b: a * b, argnums=1)(1.0, 2.0)",
    'ag.einsum("i,i", x, x)',
    "ag.clip(x, 0, 1)",
    "ag.reshape(x, (3, 1))",
    "ag.split(x, 3)",
    "ag.one_hot(1, 3)",
    "ag.maximum(x, 0)",
    "ag.Node([1.0], requires_grad=True)",
    'ag.Node(1.0, "a")',
    'ag.input(name="x", shape=(3,), dtype="float")',
    "nn.Linear(2, 3)(np.ones((4, 2)))",
    "nn.MLP((2, 3, 2))",
    "nn.Sequential(nn.Linear(2, 3), nn.ReLU())",
    "nn.Conv2d(1, 8, 3, padding=1)",
    "nn.Dropout(0.5)",
    "nn.SGD(model.parameters(), lr=0.1, momentum=0.9)",
    "nn.SGD(model.parameters())",
    "model.eval()",
    "model.train()",
    'model.save("f")',
    "model.train(True)",
    "np.sum(x)",
    "x + [1, 2, 3]",
    "x in [x]",
    "round(s)",
    "s // 2",
    "abs(s)",
    'f"{s:.2f}"',
]

TOLD = {
    'ag.zeros("a")': "see help(ag.zeros)",
    "ag.ones(-1)": "see help(ag.ones)",
    "ag.empty((2.5,))": "see help(ag.empty)",
    'ag.full((2,), "a", dtype=int)': "see help(ag.full)",
    "ag.eye(-1)": "see help(ag.eye)",
    "ag.arange(0, 1, 0)": "see help(ag.arange)",
    'ag.linspace(0, 1, "a")': "see help(ag.linspace)",
    "ag.linspace(x, ag.Node([1.0, 2.0]), 3)": "make each axis equal or 1",
    'ag.split(x, "a")': "give",
    'ag.split(x, [5, "a"])': "give",
    'ag.diff(x, n="a")': "give arrays by position",
    "ag.grad(ag.sum, argnums=1.5)(x)": "pass what is to be differentiated by position",
    "ag.grad(ag.sum, argnums=None)(x)": "pass what is to be differentiated by position",
    'ag.grad(ag.sum, argnums="a")(x)': "pass what is to be differentiated by position",
    "ag.testing.check_gradients(5)": "write check_gradients(f, 2.0)",
    "ag.testing.check_file(5)": "write FILE.py::name",
    "ag.draw.to_json(5)": "record one",
    "pow(x, 2, 3)": "write pow(x, y) % modulus",
    'x.astype("nope")': "write for example dtype='float32'",
    "ag.astype(x, 5)": "write for example dtype='float32'",
    "ag.concat(5)": "write concat([x, y])",
    "ag.stack(5)": "write stack([x, y])",
    "ag.einsum(5, x)": 'write einsum("ij,jk->ik", x, y)',
    "ag.jvp(ag.exp, 1.0, 2.0)": "write (x,) for x alone",
    "ag.jvp(ag.exp, (1.0,), 2.0)": "write (x,) for x alone",
    "ag.vjp(5, 1.0)": "write ag.vjp(f, x)",
    "ag.jit(ag.exp, static_argnums=1.5)": "count positions from 0",
    "ag.jit(ag.exp, static_argnames=5)": "count positions from 0",
    "ag.compile(g, updates=5)": "give nodes, not their values",
    "g.compile(updates=[w])": "give nodes, not their values",
    "g.compile(updates={w: 5})": "give nodes, not their values",
    "g.compile(donate=5)": "leave donate out",
    "g.to_json(indent=1)": "leave indent out",
    "x.render()": "give 'path'",
    'x.render("a.svg", 5)': "give what stands before a star",
    'x.to_dot(edge="both")': "write edges=…",
    "x.sum(dim=0)": "write axis=…",
    "x.mean(dim=0, keepdim=True)": "write axis=…",
    "x.sum(0, True)": "give what stands before a star by posi",
    "x.max(dim=0)": "write axis=…",
    "x.argmax(dim=0)": "write axis=…",
    "x.std(unbiased=False)": "write correction=1 for the unbiased es",
    "M.reshape(shape=(6,))": "give the shape as one tuple, such as (",
    "M.view(-1)": "write node.reshape(2, 3)",
    "M.view(3, 2)": "write node.reshape(2, 3)",
    "M.unsqueeze(0)": "write ag.expand_dims(node, axis)",
    "M.permute(1, 0)": "write node.transpose(1, 0)",
    "M.t()": "write node.T, or node.mT for the last",
    "M.dim()": "write node.ndim",
    "M.numel()": "write node.size",
    "M.expand(2, 3, 2)": "write ag.broadcast_to(node, shape)",
    "M.contiguous()": "leave it out",
    "x.softmax(dim=-1)": "write axis=…",
    "x.norm()": "write ag.linalg.vector_norm(node)",
    "x.clamp(0, 1)": "write node.clip(min, max)",
    "x.add(x)": "write node + other",
    "x.mul(x)": "write node * other",
    "M.matmul(x)": "write node @ other",
    "M.mm(M)": "write node @ other",
    "x.item()": "reduce it with sum() or mean(), or wri",
    "x.tolist()": "write node.value.tolist()",
    "x.numpy()": "write node.value",
    "x.detach()": "write ag.stop_gradient(node) in an exp",
    "x.detach().numpy()": "write ag.stop_gradient(node) in an exp",
    "x.data": "write node.value; to change a leaf, w.",
    "x.data = np.ones(3)": "write node.value; to change a leaf, w.",
    "x.clone()": "leave it out: nodes do not change in p",
    "x.cpu()": "leave it out: values are NumPy's array",
    "x.cuda()": "leave it out: values are NumPy's array",
    'x.to("cpu")': "write node.astype(dtype); values are o",
    "x.to(ag.float32)": "write node.astype(dtype); values are o",
    "x.type(float)": 'write node.astype("float32"), or anoth',
    "x.float()": 'write node.astype("float32"), or anoth',
    "x.double()": 'write node.astype("float32"), or anoth',
    "x.long()": 'write node.astype("float32"), or anoth',
    "x.int()": 'write node.astype("float32"), or anoth',
    "x.is_leaf": "write not node.inputs",
    "x.grad_fn": "write node.op and node.inputs",
    "x.zero_grad()": "leave it out: backward sets all gradie",
    "x.requires_grad_()": "say so where the node is made: ag.Node",
    "x.retain_grad()": "leave it out: backward fills node.grad",
    "x.backward(retain_graph=True)": "leave it out: backward keeps the graph",
    "x.sum().backward(retain_graph=True)": "leave it out: backward keeps the graph",
    "x.backward()": "reduce it with sum() or mean(), or pas",
    "x.add_(1)": "nodes do not change in place: write x",
    "x.zero_()": "nodes do not change in place: write x",
    "x.fill_(0)": "nodes do not change in place: write x",
    "x.copy_(x)": "nodes do not change in place: write x",
    "x.value += x": "use what the function returns; for x +",
    "x[0] = 1": "write where(mask, new, node), or assig",
    "s.data -= 0.1": "write node.value; to change a leaf, w.",
    "s.data = 3.0": "write node.value; to change a leaf, w.",
    "s.children": "write node.inputs",
    "s._prev": "write node.inputs",
    "s._backward": "write node.op.vjps: the backward rules",
    "x.nbytes": "ask the array: node.value",
    "x.itemsize": "ask the array: node.value",
    "x.strides": "ask the array: node.value",
    "x.flat": "ask the array: node.value",
    "x.fill(0)": "nodes do not change in place: write x",
    "x.sort()": "write np.sort(node), which gives anoth",
    "len(s)": "write float(node) for the number, or r",
    "s[0]": "use integers, slices, None, ... or int",
    "for _ in s: pass": "write float(node) for the number, or r",
    'if g["a"]: pass': "run Graph.forward with a feed",
    "if x: pass": "write ag.any(…), ag.all(…), or ag.wher",
    "float(x)": "reduce it with sum() or mean(), or wri",
    "ag.tensor([1.0])": "write ag.Node(value), or ag.parameter(",
    "ag.Tensor([1.0])": "write ag.Node(value), or ag.parameter(",
    "ag.array([1.0])": "write ag.Node(value) for a node, ag.as",
    "ag.Variable(1.0)": "write ag.Node(value), or ag.parameter(",
    "ag.Value(2.0)": "write ag.Node(value), or ag.parameter(",
    "ag.cat([x, x])": "write ag.concat",
    "ag.concatenate([x, x])": "write ag.concat",
    "ag.concat([x, x], dim=0)": "write axis=…",
    "ag.stack([x, x], dim=0)": "write axis=…",
    "ag.sum(x, dim=0)": "write axis=…",
    "ag.sum(x, axis=0, keepdim=True)": "write keepdims=…",
    "ag.softmax(x, dim=0)": "write axis=…",
    "ag.no_grad(abs)": "write no_grad(), with nothing in it: ",
    "nn.evaluating(5)": "write evaluating(), with nothing in it",
    "ag.zeros(3, 2)": "give the shape as one tuple, such as (",
    "ag.rand(3)": "draw with np.random.default_rng(seed),",
    "ag.randn(3, 3)": "draw with np.random.default_rng(seed),",
    "ag.random.normal(3)": "draw with np.random.default_rng(seed),",
    "ag.manual_seed(0)": "draw with np.random.default_rng(seed),",
    "ag.float": "write ag.float32 or ag.float64",
    "ag.dot(x, x)": "write x @ y, ag.vdot(x, y) or ag.vecdo",
    "ag.mm(M, M)": "write x @ y, or ag.matmul(x, y)",
    "ag.bmm(M, M)": "write x @ y, or ag.matmul(x, y)",
    "ag.transpose(M)": "write x.T, ag.permute_dims(x, axes) or",
    "ag.transpose(M, 0, 1)": "write x.T, ag.permute_dims(x, axes) or",
    "ag.t(M)": "write x.T",
    "ag.power(x, 2)": "write pow",
    "ag.absolute(x)": "write ag.abs",
    "ag.arcsin(s)": "write asin",
    "ag.arctan2(x, x)": "write atan2",
    "ag.sub(x, x)": "write ag.subtract",
    "ag.mul(x, x)": "write ag.multiply",
    "ag.div(x, x)": "write ag.divide",
    "ag.neg(x)": "write ag.negative",
    "ag.clamp(x, 0, 1)": "write ag.clip",
    "ag.unsqueeze(x, 0)": "write ag.expand_dims",
    "ag.squeeze(M)": "give 'axis'",
    "ag.flatten(M)": "write x.flatten()",
    "ag.ravel(M)": "write x.ravel()",
    "ag.norm(x)": "write ag.linalg.vector_norm, or ag.lin",
    "ag.linalg.norm(x)": "write vector_norm, or matrix_norm",
    "ag.linalg.inverse(S)": "write inv",
    "ag.inv(S)": "it is in ag.linalg",
    "ag.det(S)": "it is in ag.linalg",
    "ag.linalg.nrom(x)": "look at dir(linalg)",
    "ag.enable_grad()": "end the block of ag.no_grad()",
    "ag.autograd.grad(s, s)": "write ag.grad(function), or ag.gradien",
    "ag.grad(lambda x: x * x)(x)": "reduce the result with sum() or mean()",
    "ag.grad(s * s, s)": "write ag.grad(f)(x); for nodes there is ag.gradients(y, x)",
    "ag.value_and_grad(s)": "write ag.value_and_grad(f)(x); for nodes",
    "ag.jacobian(x * x, x)": "write ag.jacobian(f)(x); for nodes",
    "ag.hessian(s)": "write ag.hessian(f)(x); for nodes",
    "ag.vmap(x)": "write ag.vmap(f)(x); for nodes",
    "ag.elementwise_grad(ag.sin)(x)": "write ag.vmap(ag.grad(f))",
    "ag.jacfwd(ag.sin)(x)": "write ag.jacobian",
    "ag.jacrev(ag.sin)(x)": "write ag.jacobian",
    "ag.grad(lambda a, b: a * b, argnum=1)(1.0, 2.0)": "write argnums=…",
    "ag.value_and_gard(lambda x: x)": "write value_and_grad",
    "ag.lax.scan": "write ag.jit(function), or program.sca",
    "ag.nn.functional.relu(x)": "functions are in autograd_lite itself:",
    "ag.nn.relu(x)": "write ag.relu",
    "ag.functional.relu(x)": "functions are in autograd_lite itself:",
    "ag.Function": "derive from ag.Op, or ag.Elementwise:",
    "ag.relu6(x)": "write relu",
    "ag.sigmiod(x)": "write sigmoid",
    "ag.cross_entropy(x, 1)": "write ag.cross_entropy_with_logits(sco",
    "ag.mse_loss(x, x)": "write ag.mean((x - y) ** 2)",
    "ag.nll_loss(x, 1)": "write nn.cross_entropy(probabilities,",
    'ag.load("f")': "write nn.save_model and nn.load_model,",
    "ag.is_tensor(x)": "write isinstance(x, ag.Node)",
    "ag.from_numpy(np.ones(3))": "write ag.Node(value), or ag.parameter(",
    "ag.logsumexp(x, dim=0)": "write axis=…",
    "ag.clip(x, a_min=0, a_max=1)": "write min=…",
    "ag.clip(x, low=0, high=1)": "write min=…",
    "ag.reshape(x, 3, 1)": "give the shape as one tuple, such as (",
    "ag.chunk(x, 3)": "write ag.split(x, sections)",
    "ag.gather(x, 0, [0])": "write ag.take_along_axis(x, indices, a",
    "ag.tril(M, diagonal=0)": "write k=…",
    "ag.Node([1, 2])": "write 2.0 instead of 2, convert with a",
    'ag.Node("a")': "convert the data to a real array first",
    'ag.Node([1.0], dtype="float32")': "give an array of that dtype: ag.Node(n",
    'ag.Node(1.0, label="a")': "write name=…",
    "ag.Node([x, x])": "use the function of this name in autograd_lite",
    "ag.parameter(3, 4)": "give what stands before a star by posi",
    "ag.parameter([1, 2])": "write 2.0 instead of 2, convert with a",
    "ag.parameter(shape=(3,))": "give the value itself: ag.parameter(np",
    'ag.input("x", (3,))': "give the shape as one tuple, such as (",
    "ag.input(shape=(3,))": "give 'name'",
    'ag.constant(1.0, dtype="float32")': "give an array of that dtype: np.asarra",
    "nn.functional.relu(x)": "functions are in autograd_lite itself:",
    "loss.backwards()": "write node.backward()",
    "(x * 2).value = 3": "assign to its leaves, or feed inputs t",
    "np.array(x)": "use the function of this name in autog",
    "np.asarray(x)": "use the function of this name in autog",
    "np.add(x, 1, out=np.ones(3))": "use what the function returns; for x +",
    "math.exp(x)": "reduce it with sum() or mean(), or wri",
    "y = np.ones(3); y += x": "use what the function returns; for x +",
    "x @ 2": "transpose an operand, or check the siz",
    'x ** "2"': "convert the data to a real array first",
    "x + None": "convert the data to a real array first",
    'x + "a"': "convert the data to a real array first",
    "'{:.2f}'.format(x)": "reduce it with sum() or mean(), or wri",
    'g.forward({"a": 1})': "append it inside `with graph:`; feeds",
    "g.forward(1.0)": "append it inside `with graph:`; feeds",
    "g.backward()": "give 'loss'",
    "g.add_node": "nodes are listed as they are made, ins",
    "g.node": 'write graph.nodes, or graph["name"]',
    'g.draw("f.svg")': 'write graph.render("graph.svg")',
    "g.plot()": 'write graph.render("graph.svg")',
    'ag.Graph("name")': "give what stands before a star by posi",
    "ag.compile(s)": "record one: `with ag.Graph() as g: …`,",
    "ag.jit(s)": "write ag.jit(f), or @ag.jit above a de",
    "ag.vmap(ag.exp, axis=0)(x)": "leave axis out",
    "ag.vmap(ag.exp, in_dims=0)(x)": "write in_axes=…",
}

TOLD_OF_NN = {
    "ag.optim.SGD(model.parameters(), lr=0.1)": "optimizers are in autograd_lite.nn: nn",
    'ag.save(model, "f")': "write nn.save_model and nn.load_model,",
    "nn.SGD(model, lr=0.1)": "give model.parameters(), or a list of",
    "nn.SGD(lr=0.1)": "give 'parameters'",
    "nn.Adam(model.parameters(), eps=1e-8)": "write epsilon=1e-8",
    "nn.Adam(model.parameters(), learning_rate=0.1)": "write lr=…",
    "nn.Adam(model.parameters(), beta1=0.9)": "write betas=(0.9, 0.999)",
    "nn.RMSprop(model.parameters())": "write nn.Adam, or derive from nn.Optim",
    "opt.zero_grad()": "leave it out: backward sets all gradie",
    "opt.param_groups": "write optimizer.lr for the learning ra",
    "opt.state_dict()": "write optimizer.leaves: the state by n",
    "opt.learning_rate": "write optimizer.lr",
    "opt.step(loss)": "give what stands before a star by posi",
    "opt.minimize(s)": "write loss.backward(), then optimizer.",
    "opt.updte": "write update",
    "model.zero_grad()": "leave it out: backward sets all gradie",
    "model.forward(X)": "call the model itself: model(x); a Mod",
    'model.to("cuda")': "leave it out: values are NumPy's array",
    "model.cuda()": "leave it out: values are NumPy's array",
    "model.state_dict()": "write model.state(), or model.save(path",
    "model.load_state_dict({})": "write model.load(path)",
    "list(model.parameters())[0].data": "write node.value; to change a leaf, w.",
    "model.weights": "write model.parameters()",
    "model.layers[0].weight": "write layer.W",
    "model.layers[0].bias": "write layer.b",
    "model.fit(X, Y)": "write nn.fit(model, x, y)",
    "model.predict(X)": "write nn.predict(model, x)",
    "model.sumary()": "write summary",
    "model.named_modules()": "write vars(model)",
    "model.children()": "write vars(model)",
    "model.apply(print)": "loop over model.parameters()",
    "nn.Linear(in_features=2, out_features=3)": "write n_in=…",
    "nn.Linear(2, 3, bias=False)": "leave it out: there always is one, b",
    "nn.CrossEntropyLoss()": 'write loss="logits_cross_entropy": see',
    "nn.MSELoss()": 'write loss="mean_squared_error"; for no',
    "nn.Parameter(np.ones(3))": "write ag.parameter(value)",
    "nn.Conv2D(1, 2, 3)": "write nn.Conv2d(n_in, n_out, size)",
    "nn.Conv2d(1, 2, kernel_size=3)": "write size=…",
    "nn.Conv2d(1, 2)": "give 'size'",
    "nn.Dropout(p=0.5)": "write rate=…",
    "nn.BatchNorm2d(3)": "write nn.BatchNorm(n)",
    "nn.ModuleList([model])": "a list is enough: modules are found in",
    "nn.MLP(2, 3, 2)": "give what stands before a star by posi",
    'nn.MLP([2, 3, 2], act="relu")': "write activation=…",
    'nn.MLP([2, 3, 2], activation="Relu")': 'write "relu"',
    "nn.Dense(2, 3)": "write nn.Linear(n_in, n_out)",
    "nn.EarlyStopping(patience=3)": "write nn.Trainer(…, patience=3)",
    "nn.Layer": "derive from nn.Module",
    "nn.load('model')": "write model.save(path), model.load(path)",
    "ag.cond": "write ag.where(condition, a, b)",
    "ag.swish(x)": "write ag.silu",
    "nn.fit(model, X, Y, learning_rate=0.1)": "write lr=…",
    "nn.fit(model, X, Y, batchsize=2)": "write batch_size=…",
    "nn.fit(X, Y, model)": "nn.MLP([784, 128, 10]), for example",
    "nn.Trainer(model, lr=0.1)": "give an optimizer: nn.SGD(model.parame",
    "nn.Trainer(model, epoch=1)": "write epochs=…",
    "ag.compile(g)(5)": "write program(x=…)",
    "ag.nonzero(s)": "write reshape(x, (1,)) for a vector",
    "nn.Flatten(1)": "give what stands before a star",
    "nn.Flatten(start_dim=1)": "leave start_dim out",
    "nn.Trainer(model).fit(X, Y, epochs=2)": "write nn.Trainer(model, epochs=…)",
    "nn.Trainer(model).fit(X, Y, batch_size=2)": "write nn.Trainer(model, batch_size=…)",
    "nn.Trainer(model).fit(X, Y, callbacks=[])": "write nn.Trainer(model, callbacks=…)",
    'model.save("f", format="h5")': "leave format out",
    "model.load()": "give 'path'",
    "model.train(modes=True)": "write mode=…",
    'x.astype("float32", copy=False)': "leave copy out",
    'nn.Plot().save("a.png", dpi=100)': "leave dpi out",
    "ag.compile(g, executor='numpy').scan({}, length=3)": "leave length out",
    "ag.compile(g, executor='numpy').export_c()": "give 'folder'",
    "ag.compile(g, executor='numpy').to_onnx('a.onnx', opset=17)": "leave opset out",
    "nn.evalute(model, X, Y)": "write evaluate",
}

# Errors of NumPy's arrays and of Python itself, with none of our code between: what to write
# stands in the README. Functions of single elements have no room for more than Python's own words.
OF_OTHERS = {
    "M.size()": "'int' object is not callable",
    "x.grad.zero_()": "'numpy.ndarray' object has no attribute 'zero_'",
    "w.value -= 0.1": "output array is read-only",
    "w.value[0] = 5": "assignment destination is read-only",
    "x.sigmiod()": "Did you mean: 'sigmoid'",
    "x.bakward()": "Did you mean: 'backward'",
    "x.exponential()": "has no attribute 'exponential'",
    "x.foo = 1": "has no attribute 'foo'",
    "ag.where(x > 0, x)": "missing 1 required positional argument: 'y'",
    "ag.exp(x, out=None)": "unexpected keyword argument 'out'",
    "nn.Module()": "abstract",
}


@cache
def model_and_loss():
    model = nn.MLP([2, 3, 2])
    x, y = np.ones((4, 2), "float32"), np.array([0, 1, 0, 1])
    loss = ag.mean(ag.cross_entropy_with_logits(model(ag.constant(x)), y))
    loss.backward()
    return model, x, y, loss


@pytest.fixture
def names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model, x, y, loss = model_and_loss()
    with ag.Graph() as g:
        _ = ag.input(name="a", shape=()) * 2.0
    own = ag.Node([1.0, 2.0, 3.0], name="x")
    own.grad = np.ones(3)
    found = {
        "ag": ag,
        "nn": nn,
        "np": np,
        "math": math,
        "model": model,
        "X": x,
        "Y": y,
        "loss": loss,
    }
    found |= {"opt": nn.SGD(model.parameters(), lr=0.1), "g": g, "x": own, "w": ag.parameter([1.0])}
    return found | {"s": ag.Node(2.0), "M": ag.Node(np.ones((3, 2))), "S": ag.Node(np.eye(2))}


@pytest.mark.parametrize("code", WORKS)
def test_a_harmless_habit_works(names, code):
    exec(code, names)  # noqa: S102 - what users type


@pytest.mark.parametrize(("code", "hint"), [*TOLD.items(), *TOLD_OF_NN.items()])
def test_another_habit_is_told_what_to_write_here(names, code, hint):
    with pytest.raises(ag.AutogradError) as caught:
        exec(code, names)  # noqa: S102 - the same
    lines = str(caught.value).splitlines()
    assert [line[:8] for line in lines[1:]] == ["  came: ", "  at:   ", "  try:  "]
    assert caught.value.suggestion.startswith(hint)
    assert caught.value.place.startswith("<string>:1")


@pytest.mark.parametrize(("code", "words"), OF_OTHERS.items())
def test_what_is_left_to_others_is_clear(names, code, words, capsys):
    with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
        exec(code, names)  # noqa: S102 - the same
    sys.__excepthook__(type(caught.value), caught.value, caught.value.__traceback__)
    assert words in capsys.readouterr().err


def test_what_is_not_there_is_not_listed_and_not_found():
    node, model = ag.Node(1.0), model_and_loss()[0]
    assert not {"data", "detach", "numpy"} & set(dir(node))
    assert not any(hasattr(node, name) for name in ("data", "detach", "numpy"))
    assert "draw" not in dir(ag.Graph())
    assert not hasattr(model, "train_step")
    for private in ("_repr_png_", "__cuda_array_interface__"):
        for thing in (node, model, ag, nn, ag.linalg):
            assert not hasattr(thing, private)


@pytest.mark.parametrize("name", ["", ".nn", ".linalg", ".functions.linalg"])
def test_a_name_that_resembles_none_leads_to_the_list(name):
    thing = import_module(f"autograd_lite{name}")
    with pytest.raises(UnknownNameError, match=r"look at dir\("):
        _ = thing.qqqqqq


OTHERS = ("", ".nn", ".nn.schedules", ".draw", ".testing", ".linalg")


@pytest.mark.parametrize("room", OTHERS)
def test_every_function_with_options_refuses_others_in_the_same_shape(room):
    thing = import_module(f"autograd_lite{room}")
    names = getattr(thing, "__all__", ["constant", "step", "exponential", "cosine", "warm_up"])
    for name in names:
        function = getattr(thing, name)
        if inspect.isfunction(function) and has_options(name, function):
            with pytest.raises(ag.AutogradError):
                function(nonsense=1)


def has_options(name, function):
    """Whether some parameter has a name to be given; what a display calls takes none."""
    kinds = {p.kind for p in inspect.signature(function).parameters.values()}
    is_plain = name.startswith("notebook_") or name == "can_cast"
    return not is_plain and not kinds.isdisjoint(NAMED)


def test_a_type_error_from_inside_a_function_stays_what_it_is():
    def wrong(x):
        return x + len(3)

    with pytest.raises(TypeError, match="has no len") as caught:
        ag.grad(wrong)(1.0)
    assert not isinstance(caught.value, ag.AutogradError)
    with pytest.raises(TypeError, match="not 'object'|real array"):
        ag.Node(object())


def test_hints_lead_to_what_is_there():
    """Each `ag.name` and `nn.name` that the tables say to write exists."""
    tables = [
        t for m in (other_libraries, of_networks) for t in vars(m).values() if type(t) is dict
    ]
    hints = [hint for table in tables for hint in table.values() if isinstance(hint, str)]
    for room, name in re.findall(r"\b(ag|nn)\.([A-Za-z_]\w*)", " ".join(hints)):
        assert hasattr({"ag": ag, "nn": nn}[room], name), name
