//! Models that cannot be imported: each error names the node or tensor, and what to do.

use assay_core::onnx::{Error, ImportOptions, import};

/// A protocol-buffer field of bytes.
fn field(number: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut len = body.len();
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend(body);
    out
}

fn number(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

fn node(name: &str, operator: &str, inputs: &[&str], output: &str) -> Vec<u8> {
    let mut body = vec![];
    inputs.iter().for_each(|i| body.extend(field(1, i.as_bytes())));
    body.extend([field(2, output.as_bytes()), field(3, name.as_bytes()), field(4, operator.as_bytes())].concat());
    field(1, &body)
}

/// A declared tensor; extents of 0 are symbolic.
fn value(graph_field: u8, name: &str, element: u8, shape: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = shape.iter().flat_map(|&n| field(1, &if n == 0 { field(2, b"n") } else { number(1, n) })).collect();
    let tensor = [number(1, element), field(2, &dims)].concat();
    field(graph_field, &[field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat())
}

fn scalar(name: &str, element: u8, raw: &[u8]) -> Vec<u8> {
    field(5, &[number(2, element), field(8, name.as_bytes()), field(9, raw)].concat())
}

fn model(opset: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    [field(8, &number(2, opset)), field(7, &parts.concat())].concat()
}

/// uint8 `x` of shape [1, 4], one node, output `y`.
fn one(operator: &str) -> Vec<u8> {
    model(13, &[node("the_node", operator, &["x"], "y"), value(11, "x", 2, &[1, 4]), value(12, "y", 2, &[1, 4])])
}

fn refused(bytes: &[u8]) -> String {
    import(bytes, &ImportOptions::default()).unwrap_err().to_string()
}

#[test]
fn the_encoder_of_these_tests_makes_models() {
    let program = import(&one("Identity"), &ImportOptions::default()).unwrap();
    assert_eq!(program.shape(program.inputs[0].tensor).extents(), [1, 4]);
}

#[test]
fn an_unknown_operator_is_named_with_its_node() {
    let error = refused(&one("Softmax"));
    assert!(error.contains("`the_node` (Softmax)") && error.contains("leave it out"), "{error}");
}

#[test]
fn an_unknown_operator_set_is_refused() {
    let parts = [node("n", "Identity", &["x"], "y"), value(11, "x", 2, &[1]), value(12, "y", 2, &[1])];
    assert!(refused(&model(3, &parts)).contains("operator set 3"));
}

#[test]
fn a_float_model_is_told_to_quantise() {
    let parts = [node("n", "Relu", &["x"], "y"), value(11, "x", 1, &[1, 4]), value(12, "y", 1, &[1, 4])];
    let error = refused(&model(13, &parts));
    assert!(error.contains("input `x`") && error.contains("quantize_static"), "{error}");
}

#[test]
fn half_precision_is_refused_by_name() {
    let parts = [node("n", "Identity", &["x"], "y"), value(11, "x", 10, &[1, 4]), value(12, "y", 10, &[1, 4])];
    assert!(refused(&model(13, &parts)).contains("float16"));
}

#[test]
fn an_inner_symbolic_axis_asks_for_a_shape() {
    let parts = [node("n", "Identity", &["x"], "y"), value(11, "x", 2, &[0, 0]), value(12, "y", 2, &[0, 0])];
    let bytes = model(13, &parts);
    let error = refused(&bytes);
    assert!(error.contains("[n,n]") && error.contains("axis 1"), "{error}");
    let mut options = ImportOptions::default();
    options.input_shapes.insert("x".into(), vec![3, 5]);
    let program = import(&bytes, &options).unwrap();
    assert_eq!(program.shape(program.inputs[0].tensor).extents(), [3, 5]);
    options.input_shapes.insert("z".into(), vec![1]);
    assert!(matches!(import(&bytes, &options), Err(Error::Input { input, .. }) if input == "z"));
}

#[test]
fn a_scale_of_zero_is_refused() {
    let parts = [
        node("q", "QuantizeLinear", &["x", "s"], "y"),
        scalar("s", 1, &0f32.to_le_bytes()),
        value(11, "x", 1, &[1, 4]),
        value(12, "y", 2, &[1, 4]),
    ];
    let error = refused(&model(13, &parts));
    assert!(error.contains("`q`") && error.contains("scale is 0"), "{error}");
}

#[test]
fn external_data_is_refused() {
    let tensor = field(5, &[number(2, 1), field(8, b"s"), number(14, 1)].concat());
    let parts = [node("q", "QuantizeLinear", &["x", "s"], "y"), tensor, value(11, "x", 1, &[1, 4]), value(12, "y", 2, &[1, 4])];
    let error = refused(&model(13, &parts));
    assert!(error.contains("tensor `s`") && error.contains("another file"), "{error}");
}

#[test]
fn a_use_before_definition_is_refused() {
    let parts = [node("n", "Identity", &["nothing"], "y"), value(12, "y", 2, &[1, 4])];
    let error = refused(&model(13, &parts));
    assert!(error.contains("`nothing`"), "{error}");
}

#[test]
fn operators_of_floats_want_their_inputs_quantised() {
    let error = refused(&one("Sigmoid"));
    assert!(error.contains("`the_node` (Sigmoid)") && error.contains("dequantise"), "{error}");
}
