//! Prints the reading of a plan as JSON.
fn main() {
    let path = std::env::args().nth(1).expect("a plan");
    let bytes = std::fs::read(&path).expect("readable");
    let stem =
        std::path::Path::new(&path).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    if std::env::args().nth(2).is_some() {
        for _ in 0..8 {
            let t = std::time::Instant::now();
            let plan = warroom::plan::read(&bytes, &stem);
            eprintln!("{:?} {}", t.elapsed(), plan.items.len());
        }
        return;
    }
    println!("{}", serde_json::to_string_pretty(&warroom::plan::read(&bytes, &stem)).expect("json"));
}
