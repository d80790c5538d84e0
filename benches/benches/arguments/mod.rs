//! What is given behind `--`: `[PART OF A NAME] [--runs N]`.

/// The part of a name, empty if there is none, and how many runs.
pub fn read() -> (String, usize) {
    let (mut filter, mut runs) = (String::new(), 5);
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--runs" => runs = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0).expect("--runs takes a number above 0"),
            _ => filter = word,
        }
    }
    (filter, runs)
}
