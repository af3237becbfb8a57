//! The breaker against a slow model that remembers everything, and laws that hold whatever the clock does.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use routing::{Breaker, BreakerState, Breaking, Milliseconds, Moment, Permit, Transition};

/// What happens next.
#[derive(Debug, Clone)]
enum Event {
    /// Time passes.
    Wait(u64),
    /// Nearly a window passes, or one and a little more.
    WaitWindow(i64),
    /// A long time passes, and then all goes well.
    Recover,
    /// The clock is set to a moment, forwards or backwards.
    Set(u64),
    /// A request is let through.
    Admit,
    /// One that was let through ends, well or badly.
    End(prop::sample::Index, bool),
    /// Its client goes away.
    Release(prop::sample::Index),
    /// Several requests fail at once.
    Outage(u32),
    /// Another isolate's breaker opened.
    Suspect,
}

fn settings() -> impl Strategy<Value = Breaking> {
    // Thresholds on both sides of where the window stops being exact.
    let failures = prop_oneof![6 => 1..=6_u32, 1 => Just(64_u32), 3 => 65..=150_u32];
    // Round spans, so that moments fall on their ends.
    let span = || (1..=30_u64).prop_map(|tenths| tenths * 100);
    (failures, span(), span(), 1..=3_u32, 1..=4_u32).prop_map(
        |(failures, window, cooldown, half_open_requests, successes)| Breaking {
            failures,
            window: Milliseconds::new(window),
            cooldown: Milliseconds::new(cooldown),
            half_open_requests,
            successes,
        },
    )
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        2 => (0..50_u64).prop_map(Event::Wait),
        1 => (0..30_u64).prop_map(|tenths| Event::Wait(tenths * 100)),
        1 => (-60..60_i64).prop_map(Event::WaitWindow),
        1 => Just(Event::WaitWindow(0)),
        1 => Just(Event::Recover),
        4 => Just(Event::Admit),
        4 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(which, success)| Event::End(which, success)),
        1 => any::<prop::sample::Index>().prop_map(Event::Release),
        2 => (1..100_u32).prop_map(Event::Outage),
        1 => Just(Event::Suspect),
    ];
    prop::collection::vec(event, 0..150)
}

fn wild_events() -> impl Strategy<Value = Vec<Event>> {
    let moment = prop_oneof![0..10_000_u64, any::<u64>(), Just(u64::MAX)];
    prop::collection::vec(prop_oneof![9 => events(), 1 => moment.prop_map(|at| vec![Event::Set(at)])], 0..6)
        .prop_map(|parts| parts.concat())
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Closed,
    Open,
    HalfOpen,
}

/// Everything that happened since the beginning, and the stage that follows from it.
struct Model {
    settings: Breaking,
    stage: Stage,
    /// When it last opened, and until when the breaker said that it is open.
    opened: (u64, u64),
    /// Every failure that counted since it was last closed, by its time.
    failures: Vec<u64>,
    suspected: Option<u64>,
    /// Every test of this opening: when it was let through, and whether it has ended.
    tests: Vec<(Permit, u64, bool)>,
    passed: u32,
    /// Requests let through while closed, since it was last closed.
    ordinary: Vec<Permit>,
}

impl Model {
    fn open(&mut self, now: u64, until: u64) {
        *self = Self {
            settings: self.settings,
            stage: Stage::Open,
            opened: (now, until),
            failures: Vec::new(),
            suspected: None,
            tests: Vec::new(),
            passed: 0,
            ordinary: Vec::new(),
        };
    }

    fn failures_within(&self, span: u64, now: u64) -> usize {
        self.failures.iter().filter(|&&at| now - at < span).count()
    }

    fn tests_in_flight(&self, now: u64) -> usize {
        self.tests.iter().filter(|(_, since, ended)| !ended && now - since < self.settings.window.get()).count()
    }
}

/// Lives through the events with a clock that only goes forward, next to the model.
fn compare(settings: Breaking, seed: u64, events: &[Event]) -> Result<(), TestCaseError> {
    let mut breaker = Breaker::new(seed);
    let mut model = Model {
        settings,
        stage: Stage::Closed,
        opened: (0, 0),
        failures: Vec::new(),
        suspected: None,
        tests: Vec::new(),
        passed: 0,
        ordinary: Vec::new(),
    };
    let mut now = 1_000;
    let mut in_flight: Vec<Permit> = Vec::new();
    for event in events {
        let mut outcomes = Vec::new();
        match event {
            Event::Wait(span) => now += span,
            Event::WaitWindow(more) => now += settings.window.get().saturating_add_signed(*more),
            Event::Recover => {
                now += 2 * settings.cooldown.get().max(settings.window.get());
                for _ in 0..settings.successes {
                    let permit = admit(&mut breaker, &mut model, now)?;
                    end(&mut breaker, &mut model, permit, true, now)?;
                }
            }
            Event::Set(_) => {}
            Event::Admit => in_flight.push(admit(&mut breaker, &mut model, now)?),
            Event::Outage(count) => {
                for _ in 0..*count {
                    outcomes.push((admit(&mut breaker, &mut model, now)?, false));
                }
            }
            Event::End(which, success) if !in_flight.is_empty() => {
                outcomes.push((in_flight.swap_remove(which.index(in_flight.len())), *success));
            }
            Event::Release(which) if !in_flight.is_empty() => {
                let permit = in_flight.swap_remove(which.index(in_flight.len()));
                breaker.release(permit);
                model.tests.iter_mut().filter(|(test, ..)| *test == permit).for_each(|(.., ended)| *ended = true);
            }
            Event::End(..) | Event::Release(_) => {}
            Event::Suspect => {
                breaker.suspect(&settings, Moment::from_millis(now));
                if model.stage == Stage::Closed {
                    model.suspected = Some(now);
                }
            }
        }
        for (permit, success) in outcomes {
            end(&mut breaker, &mut model, permit, success, now)?;
        }
        let state = breaker.state(&settings, Moment::from_millis(now));
        let places = settings.half_open_requests as usize;
        match model.stage {
            Stage::Closed => prop_assert_eq!(state, BreakerState::Closed),
            Stage::Open if now < model.opened.1 => {
                prop_assert_eq!(state, BreakerState::Open { until: Moment::from_millis(model.opened.1) });
            }
            Stage::Open => prop_assert_eq!(state, BreakerState::HalfOpen { free: settings.half_open_requests }),
            Stage::HalfOpen => {
                let in_flight = model.tests_in_flight(now);
                prop_assert!(in_flight <= places);
                let free = u32::try_from(places - in_flight).unwrap();
                prop_assert_eq!(state, BreakerState::HalfOpen { free });
            }
        }
    }
    Ok(())
}

fn admit(breaker: &mut Breaker, model: &mut Model, now: u64) -> Result<Permit, TestCaseError> {
    let (permit, transition) = breaker.admit(&model.settings, Moment::from_millis(now));
    let places = model.settings.half_open_requests as usize;
    let mut expected = None;
    if model.stage == Stage::Open && now >= model.opened.1 {
        model.stage = Stage::HalfOpen;
        expected = Some(Transition::HalfOpened);
    }
    prop_assert_eq!(transition, expected);
    match model.stage {
        Stage::Closed => {
            prop_assert!(matches!(permit, Permit::Ordinary { .. }), "a closed one lets all through");
            model.ordinary.push(permit);
        }
        Stage::HalfOpen if model.tests_in_flight(now) < places => {
            prop_assert!(matches!(permit, Permit::Test { .. }), "a place is free");
            prop_assert!(model.tests.iter().all(|(test, ..)| *test != permit), "no two tests are the same");
            model.tests.push((permit, now, false));
        }
        Stage::Open | Stage::HalfOpen => prop_assert_eq!(permit, Permit::Forced),
    }
    Ok(permit)
}

fn end(breaker: &mut Breaker, model: &mut Model, permit: Permit, success: bool, now: u64) -> Result<(), TestCaseError> {
    let settings = model.settings;
    let transition = breaker.record(&settings, permit, success, Moment::from_millis(now));
    let until = match breaker.state(&settings, Moment::from_millis(now)) {
        BreakerState::Open { until } => until.millis(),
        _ => 0,
    };
    let opens = match model.stage {
        Stage::Closed if model.ordinary.contains(&permit) && !success => {
            model.failures.push(now);
            let threshold = settings.failures as usize;
            let window = settings.window.get();
            // Above the exact range a failure may be forgotten early by less than this, and never late.
            let early = if settings.failures <= 64 { 0 } else { window.div_ceil(64) };
            let suspect = model.suspected.is_some_and(|since| now - since < settings.cooldown.get());
            let must = suspect || model.failures_within(window - early, now) >= threshold;
            let may = suspect || model.failures_within(window, now) >= threshold;
            prop_assert!(!must || transition == Some(Transition::Opened), "it must open");
            prop_assert!(may || transition.is_none(), "it may not open");
            transition.is_some()
        }
        Stage::HalfOpen => match model.tests.iter_mut().find(|(test, ..)| *test == permit) {
            Some((.., ended)) => {
                *ended = true;
                model.passed += u32::from(success);
                let closes = success && model.passed >= settings.successes;
                let expected = if closes { Some(Transition::Closed) } else { None };
                prop_assert_eq!(transition, if success { expected } else { Some(Transition::Opened) });
                if closes {
                    model.stage = Stage::Closed;
                }
                !success
            }
            None => false,
        },
        Stage::Closed | Stage::Open => false,
    };
    if opens {
        let cooldown = settings.cooldown.get();
        prop_assert_eq!(transition, Some(Transition::Opened));
        prop_assert!(
            until - now >= cooldown && (until - now - cooldown) * 10 < cooldown.max(1),
            "jitter below a tenth"
        );
        model.open(now, until);
    }
    Ok(())
}

/// The edges a breaker may move along.
fn is_legal(from: Stage, transition: Transition) -> Option<Stage> {
    match (from, transition) {
        (Stage::Closed | Stage::HalfOpen, Transition::Opened) => Some(Stage::Open),
        (Stage::Open, Transition::HalfOpened) => Some(Stage::HalfOpen),
        (Stage::HalfOpen, Transition::Closed) => Some(Stage::Closed),
        _ => None,
    }
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(settings in settings(), seed: u64, events in events()) {
        compare(settings, seed, &events)?;
    }

    /// Whatever the clock does: only legal edges, and in the end enough time and successes close it.
    #[test]
    fn it_moves_along_legal_edges_and_is_never_wedged(settings in settings(), seed: u64, events in wild_events()) {
        let mut breaker = Breaker::new(seed);
        let mut stage = Stage::Closed;
        let mut now = 1_000_u64;
        let mut in_flight = Vec::new();
        let step = |stage: &mut Stage, transition: Option<Transition>| match transition {
            None => Ok(()),
            Some(transition) => {
                let next = is_legal(*stage, transition);
                prop_assert!(next.is_some(), "{:?} from {:?}", transition, stage);
                *stage = next.unwrap();
                Ok(())
            }
        };
        for event in &events {
            match event {
                Event::Wait(span) => now = now.saturating_add(*span),
                Event::WaitWindow(more) => {
                    now = now.saturating_add(settings.window.get().saturating_add_signed(*more));
                }
                Event::Recover => now = now.saturating_add(2 * settings.cooldown.get()),
                Event::Set(moment) => now = *moment,
                Event::Admit => {
                    let (permit, transition) = breaker.admit(&settings, Moment::from_millis(now));
                    step(&mut stage, transition)?;
                    in_flight.push(permit);
                }
                Event::Outage(count) => for _ in 0..*count {
                    let (permit, transition) = breaker.admit(&settings, Moment::from_millis(now));
                    step(&mut stage, transition)?;
                    step(&mut stage, breaker.record(&settings, permit, false, Moment::from_millis(now)))?;
                },
                Event::End(which, success) if !in_flight.is_empty() => {
                    let permit = in_flight.swap_remove(which.index(in_flight.len()));
                    step(&mut stage, breaker.record(&settings, permit, *success, Moment::from_millis(now)))?;
                }
                Event::Release(which) if !in_flight.is_empty() => {
                    breaker.release(in_flight.swap_remove(which.index(in_flight.len())));
                }
                Event::End(..) | Event::Release(_) => {}
                Event::Suspect => breaker.suspect(&settings, Moment::from_millis(now)),
            }
            if let BreakerState::HalfOpen { free } = breaker.state(&settings, Moment::from_millis(now)) {
                prop_assert!(free <= settings.half_open_requests);
            }
        }
        // Long enough for a cooldown or a window; twice, because a clock that was set back may meet the old one on its way.
        let patience = 3 * settings.cooldown.get().max(settings.window.get());
        for _ in 0..2 {
            now = if now > u64::MAX - patience { now - patience } else { now + patience };
            for _ in 0..settings.successes {
                let (permit, transition) = breaker.admit(&settings, Moment::from_millis(now));
                step(&mut stage, transition)?;
                step(&mut stage, breaker.record(&settings, permit, true, Moment::from_millis(now)))?;
            }
        }
        prop_assert_eq!(breaker.state(&settings, Moment::from_millis(now)), BreakerState::Closed);
    }
}
