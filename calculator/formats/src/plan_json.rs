//! The plan as JSON, in the order of the plan: the same bytes on the host and in wasm32.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use sizing::action::Step;
use sizing::memory::Setting;
use sizing::quantity::{Number, Unit};
use sizing::value::Rule;
use sizing::{Action, Finding, Input, Plan, Quantity, Series, Value};

use crate::scenario_json::json_value;

/// The version of the layout.
const VERSION: u32 = 1;

/// The plan as indented JSON with a newline at its end.
#[must_use]
pub fn write(plan: &Plan) -> String {
    let mut json = serde_json::to_string_pretty(&PlanJson(plan)).unwrap_or_default();
    json.push('\n');
    json
}

struct PlanJson<'p>(&'p Plan);

impl Serialize for PlanJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut plan = serializer.serialize_struct("Plan", 6)?;
        plan.serialize_field("version", &VERSION)?;
        plan.serialize_field("verdict", &self.0.verdict)?;
        plan.serialize_field("values", &Values(&self.0.values))?;
        plan.serialize_field("findings", &List(&self.0.findings, FindingJson))?;
        plan.serialize_field("series", &List(&self.0.series, SeriesJson))?;
        plan.serialize_field("actions", &List(&self.0.actions, ActionJson))?;
        plan.end()
    }
}

struct Values<'p>(&'p [Value]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut values = serializer.serialize_map(Some(self.0.len()))?;
        for value in self.0 {
            values.serialize_entry(value.id.as_ref(), &ValueJson(value))?;
        }
        values.end()
    }
}

/// A list whose items are serialized through a wrapper.
struct List<'p, T, W>(&'p [T], fn(&'p T) -> W);

impl<T, W: Serialize> Serialize for List<'_, T, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(&(self.1)(item))?;
        }
        list.end()
    }
}

struct ValueJson<'p>(&'p Value);

impl Serialize for ValueJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Value { name, quantity, derivation, rules, setting, .. } = self.0;
        let mut value = serializer.serialize_struct("Value", 8 + usize::from(setting.is_some()))?;
        value.serialize_field("name", name)?;
        value.serialize_field("value", &NumberJson(quantity))?;
        value.serialize_field("unit", quantity.unit().word())?;
        value.serialize_field("text", &quantity.to_string())?;
        value.serialize_field("formula", &derivation.formula)?;
        value.serialize_field("operands", &Operands(self.0))?;
        value.serialize_field("source", &derivation.source.to_string())?;
        value.serialize_field("rules", &List(rules, RuleJson))?;
        match setting {
            Some(setting) => value.serialize_field("setting", &SettingJson(setting))?,
            None => value.skip_field("setting")?,
        }
        value.end()
    }
}

struct SettingJson<'p>(&'p Setting);

impl Serialize for SettingJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (min, max) = self.0.range().unzip();
        let mut setting = serializer.serialize_struct("Setting", 6)?;
        setting.serialize_field("name", self.0.name())?;
        setting.serialize_field("text", self.0.text())?;
        setting.serialize_field("default", &self.0.default_text())?;
        setting.serialize_field("context", self.0.context().word())?;
        setting.serialize_field("min", &min)?;
        setting.serialize_field("max", &max)?;
        setting.end()
    }
}

struct Operands<'p>(&'p Value);

impl Serialize for Operands<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let operands = &self.0.derivation.operands;
        let mut map = serializer.serialize_map(Some(operands.len()))?;
        for (name, quantity) in operands {
            map.serialize_entry(name.as_ref(), &NumberJson(quantity))?;
        }
        map.end()
    }
}

struct RuleJson<'p>(&'p Rule);

impl Serialize for RuleJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Rule { source, formula, quantity, why } = self.0;
        let mut rule = serializer.serialize_struct("Rule", 6)?;
        rule.serialize_field("source", &source.to_string())?;
        rule.serialize_field("formula", formula)?;
        rule.serialize_field("value", &NumberJson(quantity))?;
        rule.serialize_field("unit", quantity.unit().word())?;
        rule.serialize_field("text", &quantity.to_string())?;
        rule.serialize_field("why", why)?;
        rule.end()
    }
}

/// The number in the base unit, a name or a day as a string, and null where no number applies.
struct NumberJson<'p>(&'p Quantity);

impl Serialize for NumberJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.0.number()) {
            (Quantity::Name(name), _) => serializer.serialize_str(name),
            (Quantity::Date(date), _) => serializer.collect_str(date),
            (_, Some(Number::Whole(whole))) => serializer.serialize_u64(whole),
            (_, Some(Number::Signed(signed))) => serializer.serialize_i64(signed),
            (_, Some(Number::Real(real))) => serializer.serialize_f64(real),
            (_, None) => serializer.serialize_unit(),
        }
    }
}

struct FindingJson<'p>(&'p Finding);

impl Serialize for FindingJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Finding { code, severity, message, evidence, remedy, fix } = self.0;
        let mut finding = serializer.serialize_struct("Finding", 6)?;
        finding.serialize_field("code", code)?;
        finding.serialize_field("severity", severity.word())?;
        finding.serialize_field("message", message)?;
        finding.serialize_field("evidence", evidence)?;
        finding.serialize_field("remedy", remedy)?;
        finding.serialize_field("fix", &List(fix, FixJson))?;
        finding.end()
    }
}

struct FixJson<'p>(&'p (&'static str, String));

impl Serialize for FixJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (id, text) = self.0;
        let value = Input::find(id).map_or_else(|_| text.as_str().into(), |input| json_value(input, text));
        let mut fix = serializer.serialize_struct("Fix", 2)?;
        fix.serialize_field("input", id)?;
        fix.serialize_field("value", &value)?;
        fix.end()
    }
}

struct SeriesJson<'p>(&'p Series);

impl Serialize for SeriesJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Series { id, name, limit, points } = self.0;
        let unit = limit.iter().chain(points).map(Quantity::unit).next().unwrap_or(Unit::Count);
        let mut series = serializer.serialize_struct("Series", 5)?;
        series.serialize_field("id", id)?;
        series.serialize_field("name", name)?;
        series.serialize_field("unit", unit.word())?;
        series.serialize_field("limit", &limit.as_ref().map(NumberJson))?;
        series.serialize_field("points", &List(points, NumberJson))?;
        series.end()
    }
}

struct ActionJson<'p>(&'p Action);

impl Serialize for ActionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let action = self.0;
        let mut json = serializer.serialize_struct("Action", 15)?;
        json.serialize_field("code", action.code)?;
        json.serialize_field("title", &action.title)?;
        json.serialize_field("feasible", &action.feasible)?;
        json.serialize_field("recommended", &action.recommended)?;
        json.serialize_field("outcome", &action.outcome)?;
        json.serialize_field("why", &action.why)?;
        json.serialize_field("complexity", action.complexity.word())?;
        json.serialize_field("cost", action.cost.word())?;
        json.serialize_field("risk", action.risk.word())?;
        json.serialize_field("effort", &action.effort)?;
        json.serialize_field("lead_time", &action.lead_time.get())?;
        json.serialize_field("start_by", &action.start_by.map(|day| day.to_string()))?;
        json.serialize_field("steps", &List(&action.steps, StepJson))?;
        json.serialize_field("canary", &action.canary)?;
        json.serialize_field("rollback", &List(&action.rollback, StepJson))?;
        json.end()
    }
}

struct StepJson<'p>(&'p Step);

impl Serialize for StepJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("Step", 2)?;
        step.serialize_field("what", &self.0.what)?;
        step.serialize_field("command", &self.0.command)?;
        step.end()
    }
}
