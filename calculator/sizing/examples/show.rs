use sizing::*;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut s = Scenario::default();
    for p in &args {
        let (a, b) = p.split_once('=').unwrap();
        s.set(a, b).unwrap();
    }
    let p = plan(&s);
    for v in p.values.iter().filter(|v| v.id.starts_with("queue.")) {
        println!(
            "{:36} {:16} {} | {} | {:?} {}",
            v.id,
            v.quantity.to_string(),
            v.name,
            v.derivation.formula,
            v.derivation.with_numbers(),
            v.derivation.source
        );
        for r in &v.rules {
            println!("        rule {} = {} ({})", r.formula, r.quantity, r.source);
        }
    }
    for f in &p.findings {
        println!("{:?} {}: {} | {} {:?}", f.severity, f.code, f.message, f.remedy, f.fix);
    }
    let t = std::time::Instant::now();
    for _ in 0..200 {
        std::hint::black_box(plan(std::hint::black_box(&s)));
    }
    println!("plan {:?}", t.elapsed() / 200);
    let t = std::time::Instant::now();
    let mut x = 0.0;
    for i in 0..200 {
        x += queueing::erlang_c(quantity::Connections(100_000), quantity::MeanConnections::new(99_000.0 + i as f64))
            .unwrap()
            .get();
    }
    println!("erlang_c {:?} {x}", t.elapsed() / 200);
}
