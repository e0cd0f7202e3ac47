fn main() {
    let bytes = std::fs::read(std::env::args().nth(1).expect("a plan")).expect("readable");
    let n: usize = std::env::args().nth(2).map_or(200, |n| n.parse().expect("n"));
    let t = std::time::Instant::now();
    for _ in 0..n {
        std::hint::black_box(warroom::plan::read(&bytes, "x"));
    }
    eprintln!("{:?} each", t.elapsed() / n as u32);
}
