use sizing::{PRESETS, plan};
#[test]
fn time() {
    for preset in &PRESETS {
        let s = preset.scenario();
        let p = plan(&s);
        println!("\n=== {} {} values {} series", preset.id, p.values.len(), p.series.len());
        println!("{}", p.verdict);
        for f in &p.findings { println!("{:?} {} | {} | {}", f.severity, f.code, f.message, f.remedy); }
        for v in p.values.iter().filter(|v| v.id.starts_with("growth") || v.id.starts_with("queue") || v.id.starts_with("memory.")) { println!("{} = {} [{}] {:?}", v.id, v.quantity, v.name, v.rules.iter().map(|r| r.quantity.to_string()).collect::<Vec<_>>()); }
    }
}
