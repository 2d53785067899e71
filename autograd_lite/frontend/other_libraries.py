"""What NumPy, PyTorch, JAX and micrograd have under names of their own, and what to write here.

Only what is no attribute, or no parameter, is looked for in these tables.
"""

_AFRESH = "leave it out: backward sets all gradients afresh"
_ASSIGN = "nodes do not change in place: write x = x + y, or w.value = … for a leaf"
_CPU = "leave it out: values are NumPy's arrays, on the CPU"
_CAST = 'write node.astype("float32"), or another dtype'
_INPUTS = "write node.inputs"

NODE = {
    # the same under another name
    "view": "write node.reshape(2, 3)",
    "view_as": "write node.reshape(other.shape)",
    "unsqueeze": "write ag.expand_dims(node, axis)",
    "permute": "write node.transpose(1, 0)",
    "t": "write node.T, or node.mT for the last two axes",
    "dim": "write node.ndim",
    "numel": "write node.size",
    "expand": "write ag.broadcast_to(node, shape)",
    "contiguous": "leave it out",
    "clamp": "write node.clip(min, max)",
    "add": "write node + other",
    "sub": "write node - other",
    "mul": "write node * other",
    "div": "write node / other",
    "mm": "write node @ other",
    "bmm": "write node @ other",
    "matmul": "write node @ other",
    "norm": "write ag.linalg.vector_norm(node)",
    "masked_fill": "write ag.where(mask, value, node)",
    "index_select": "write node.take(indices, axis)",
    "gather": "write ag.take_along_axis(node, indices, axis)",
    "split": "write ag.split(node, sections)",
    "at": "write ag.where(mask, new, node)",
    # values and gradients
    "data": "write node.value; to change a leaf, w.value = w.value - lr * w.grad",
    "numpy": "write node.value",
    "tolist": "write node.value.tolist()",
    "detach": "write ag.stop_gradient(node) in an expression, node.value for the bare array",
    "clone": "leave it out: nodes do not change in place",
    "block_until_ready": "leave it out: values are there at once",
    "zero_grad": _AFRESH,
    "retain_grad": "leave it out: backward fills node.grad of every node on the way",
    "requires_grad_": "say so where the node is made: ag.Node(value, requires_grad=True)",
    "register_hook": "look at node.grad after backward",
    "backwards": "write node.backward()",
    **dict.fromkeys(("flat", "itemsize", "nbytes", "strides"), "ask the array: node.value"),
    # changes in place
    **dict.fromkeys(
        ("add_", "sub_", "mul_", "div_", "copy_", "zero_", "fill_", "clamp_", "fill", "put"),
        _ASSIGN,
    ),
    # dtypes and devices
    **dict.fromkeys(("type", "float", "double", "half", "int", "long", "bool"), _CAST),
    **dict.fromkeys(("cpu", "cuda", "is_cuda"), _CPU),
    "to": "write node.astype(dtype); values are on the CPU, and stay there",
    # the graph
    "is_leaf": "write not node.inputs",
    "grad_fn": "write node.op and node.inputs",
    "children": _INPUTS,
    "parents": _INPUTS,
    "_prev": _INPUTS,
    "_backward": "write node.op.vjps: the backward rules of its op",
}

_RANDOM = "draw with np.random.default_rng(seed), and give the array to ag.Node"
_NODE = "write ag.Node(value), or ag.parameter(value) for what is trained"
_NN = "it is in autograd_lite.nn"

PACKAGE = {
    **dict.fromkeys(("tensor", "Tensor", "Variable", "Value", "from_numpy"), _NODE),
    "array": "write ag.Node(value) for a node, ag.asarray(value) for an array",
    "cat": "write ag.concat",
    "concatenate": "write ag.concat",
    "absolute": "write ag.abs",
    "hstack": "write np.hstack: NumPy's functions take nodes",
    **dict.fromkeys(("rand", "randn", "random", "normal", "manual_seed"), _RANDOM),
    **dict.fromkeys(("mm", "bmm"), "write x @ y, or ag.matmul(x, y)"),
    "dot": "write x @ y, ag.vdot(x, y) or ag.vecdot(x, y)",
    "mv": "write x @ y",
    "transpose": "write x.T, ag.permute_dims(x, axes) or ag.swapaxes(x, 0, 1)",
    "t": "write x.T",
    "sub": "write ag.subtract",
    "mul": "write ag.multiply",
    "div": "write ag.divide",
    "neg": "write ag.negative",
    "clamp": "write ag.clip",
    "unsqueeze": "write ag.expand_dims",
    "flatten": "write x.flatten()",
    "ravel": "write x.ravel()",
    "view": "write ag.reshape",
    "chunk": "write ag.split(x, sections)",
    "gather": "write ag.take_along_axis(x, indices, axis)",
    "norm": "write ag.linalg.vector_norm, or ag.linalg.matrix_norm",
    **dict.fromkeys(("inv", "det", "solve", "svd", "qr", "cholesky"), "it is in ag.linalg"),
    "autograd": "write ag.grad(function), or ag.gradients(y, x) for nodes",
    "elementwise_grad": "write ag.vmap(ag.grad(f))",
    **dict.fromkeys(("jacfwd", "jacrev"), "write ag.jacobian"),
    "enable_grad": "end the block of ag.no_grad()",
    **dict.fromkeys(
        ("lax", "scan", "while_loop"), "write ag.jit(function), or program.scan for loops over data"
    ),
    "cond": "write ag.where(condition, a, b)",
    "swish": "write ag.silu",
    **dict.fromkeys(("cuda", "device"), 'values are NumPy\'s; ag.jit(f, executor="jax") uses GPUs'),
    "Function": "derive from ag.Op, or ag.Elementwise: see 'An op of your own' in the README",
    "functional": "functions are in autograd_lite itself: ag.relu, ag.softmax",
    "optim": "optimizers are in autograd_lite.nn: nn.SGD, nn.Adam",
    "cross_entropy": "write ag.cross_entropy_with_logits(scores, labels)",
    "mse_loss": "write ag.mean((x - y) ** 2)",
    "nll_loss": "write nn.cross_entropy(probabilities, labels)",
    **dict.fromkeys(("Linear", "MLP", "Module", "Sequential", "SGD", "Adam", "fit"), _NN),
    **dict.fromkeys(("save", "load"), "write nn.save_model and nn.load_model, or graph.to_json()"),
    "is_tensor": "write isinstance(x, ag.Node)",
    "float": "write ag.float32 or ag.float64",
}

GRAPH = {
    "node": 'write graph.nodes, or graph["name"]',
    "add_node": "nodes are listed as they are made, inside `with graph:`",
    "draw": 'write graph.render("graph.svg")',
    "plot": 'write graph.render("graph.svg")',
    "run": "write graph.forward(x=…)",
    "outputs": "tell them to compile or backward; graph.nodes has all nodes",
    "variables": "write graph.parameters",
    "zero_grad": _AFRESH,
}

PARAMETERS = {
    "dim": "axis",
    "dims": "axes",
    "keepdim": "keepdims",
    "a_min": "min",
    "a_max": "max",
    "low": "min",
    "high": "max",
    "ddof": "correction",
    "diagonal": "k",
    "argnum": "argnums",
    "in_dims": "in_axes",
    "out_dims": "out_axes",
    "label": "name",
    "learning_rate": "lr",
    "params": "parameters",
    "act": "activation",
    "in_features": "n_in",
    "out_features": "n_out",
    "size": "shape",
    "in_channels": "n_in",
    "out_channels": "n_out",
    "kernel_size": "size",
    "p": "rate",
    "num_features": "channels",
    "normalized_shape": "size",
    "num_heads": "heads",
    "embed_dim": "width",
}

SPECIAL_PARAMETERS = {
    "std.unbiased": "write correction=1 for the unbiased estimate, correction=0 for the other",
    "var.unbiased": "write correction=1 for the unbiased estimate, correction=0 for the other",
    "backward.retain_graph": "leave it out: backward keeps the graph",
    "backward.gradient": "write cotangent=…",
    "backward.create_graph": "write ag.gradients(y, x), whose results are nodes",
    "fit.epochs": "write nn.Trainer(model, epochs=…)",
    "fit.batch_size": "write nn.Trainer(model, batch_size=…)",
    "fit.callbacks": "write nn.Trainer(model, callbacks=…)",
    "Node.dtype": 'give an array of that dtype: ag.Node(np.asarray(value, "float32"))',
    "parameter.dtype": 'give an array of that dtype: np.asarray(value, "float32")',
    "constant.dtype": 'give an array of that dtype: np.asarray(value, "float32")',
    "parameter.shape": "give the value itself: ag.parameter(np.zeros(shape))",
    "SGD.nesterov": "write nn.Nesterov(parameters, lr, momentum=0.9)",
    "Adam.eps": "write epsilon=1e-8",
    "AdamW.eps": "write epsilon=1e-8",
    "Adam.beta1": "write betas=(0.9, 0.999)",
    "Adam.beta2": "write betas=(0.9, 0.999)",
    "Trainer.lr": "give an optimizer: nn.SGD(model.parameters(), lr)",
    "Linear.bias": "leave it out: there always is one, b",
}
