//! What is given behind `--`.

/// Sizes as binary logarithms, and how they are measured.
pub struct Arguments {
    pub sums: Vec<u32>,
    pub transforms: Vec<u32>,
    pub runs: usize,
    pub json: Option<String>,
}

impl Arguments {
    /// # Panics
    /// On what is none of them.
    pub fn read() -> Self {
        let mut read = Self { sums: vec![20, 22, 24], transforms: vec![22, 24], runs: 3, json: None };
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(name) = words.next() {
            let value = words.next().unwrap_or_else(|| panic!("{name} takes a value"));
            match name.as_str() {
                "--sums" => read.sums = sizes(&name, &value),
                "--transforms" => read.transforms = sizes(&name, &value),
                "--runs" => read.runs = value.parse().ok().filter(|n| *n > 0).expect("--runs takes a number above 0"),
                "--json" => read.json = Some(value),
                _ => panic!("{name}: there are --sums, --transforms, --runs and --json"),
            }
        }
        read
    }
}

fn sizes(name: &str, value: &str) -> Vec<u32> {
    let sizes = value.split(',').map(|size| size.parse().ok().filter(|log_len| (1..=26).contains(log_len)));
    sizes.collect::<Option<_>>().unwrap_or_else(|| panic!("{name} takes logarithms such as 20,22"))
}
