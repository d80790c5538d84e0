"""The cases: each a function that fills a `Net`, registered by the decorator `case`."""

CASES = {}


def case(name, opset=13, **parameters):
    """Registers `function(net, **parameters)` as the case `name`."""

    def register(function):
        if name in CASES:
            raise ValueError(f"two cases are called {name}")
        CASES[name] = (opset, lambda net: function(net, **parameters))
        return function

    return register
