"""What PyTorch and Keras have in their modules and optimizers, and what to write here.

Only names that are not there are looked for in these tables.
"""

_AFRESH = "leave it out: backward sets all gradients afresh"
_CPU = "leave it out: values are NumPy's arrays, on the CPU"
_LOAD = "write model.load(path)"
_LOSS = 'write loss="logits_cross_entropy": see nn.LOSSES; for nodes, ag.cross_entropy_with_logits'

LOSSES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "l1": "mean_absolute_error",
    "bce": "binary_cross_entropy",
    "binary_crossentropy": "binary_cross_entropy",
    **dict.fromkeys(
        ("ce", "nll", "cross_entropy", "crossentropy", "sparse_categorical_crossentropy"),
        "softmax_cross_entropy",
    ),
}

PACKAGE = {
    "functional": "functions are in autograd_lite itself: ag.relu, ag.softmax",
    "relu": "write ag.relu",
    "optim": "optimizers are in nn itself: nn.SGD, nn.Adam",
    "Parameter": "write ag.parameter(value)",
    **dict.fromkeys(("Dense", "Bilinear"), "write nn.Linear(n_in, n_out)"),
    **dict.fromkeys(("Layer", "Model"), "derive from nn.Module"),
    "Swish": "write nn.SiLU",
    **dict.fromkeys(("CrossEntropyLoss", "NLLLoss", "BCELoss"), _LOSS),
    "MSELoss": 'write loss="mean_squared_error"; for nodes, nn.mean_squared_error(x, y)',
    "Conv2D": "write nn.Conv2d(n_in, n_out, size)",
    **dict.fromkeys(("MaxPooling2D", "AveragePooling2D"), "write nn.MaxPool2d(2), nn.AvgPool2d(2)"),
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNormalization"), "write nn.BatchNorm(n)"),
    "LayerNormalization": "write nn.LayerNorm(size)",
    "MultiheadAttention": "write nn.MultiHeadAttention(width, heads)",
    "ModuleList": "a list is enough: modules are found in lists, tuples and dictionaries",
    **dict.fromkeys(("RNN", "LSTM", "GRU"), "derive from nn.Module, and loop over the steps"),
    **dict.fromkeys(
        ("RMSprop", "RMSProp", "Adagrad"), "write nn.Adam, or derive from nn.Optimizer"
    ),
    "lr_scheduler": "write nn.Trainer(…, schedule=nn.schedules.cosine(10))",
    "EarlyStopping": "write nn.Trainer(…, patience=3)",
    "ModelCheckpoint": "write nn.Trainer(…, checkpoint=path)",
    "train_test_split": "write nn.fit(…, validation=0.2)",
    **dict.fromkeys(("save", "load"), "write model.save(path), model.load(path)"),
    "DataLoader": "nn.fit(model, x, y, batch_size=32) makes the batches",
    "init": 'write init="he" or init="xavier" where the layer is made',
}

MODULE = {
    "zero_grad": _AFRESH,
    **dict.fromkeys(("to", "cpu", "cuda"), _CPU),
    "forward": "call the model itself: model(x); a Module computes in __call__",
    "state_dict": "write model.state(), or model.save(path)",
    "load_state_dict": _LOAD,
    "buffers": "write model.named_buffers()",
    **dict.fromkeys(("weights", "trainable_variables"), "write model.parameters()"),
    "weight": "write layer.W",
    "bias": "write layer.b",
    "fit": "write nn.fit(model, x, y)",
    "compile": "write nn.fit(model, x, y, optimizer=…)",
    "predict": "write nn.predict(model, x)",
    "evaluate": "write nn.evaluate(model, x, y)",
    **dict.fromkeys(("modules", "named_modules", "children"), "write vars(model)"),
    "apply": "loop over model.parameters()",
}

OPTIMIZER = {
    "zero_grad": _AFRESH,
    "param_groups": "write optimizer.lr for the learning rate, optimizer.parameters for the nodes",
    "state_dict": "write optimizer.leaves: the state by name",
    "load_state_dict": "assign to optimizer.leaves[name].value",
    "learning_rate": "write optimizer.lr",
    "minimize": "write loss.backward(), then optimizer.step()",
    "apply_gradients": "write loss.backward(), then optimizer.step()",
}
