//! What a task has used of models: facts that its code tells, and their sums.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::json::number;

/// Models that are counted by their names; what further ones use is counted as [`OTHERS`].
const MOST_MODELS: usize = 20;
const OTHERS: &str = "others";
const TEXT_LIMIT: usize = 200;
/// The greatest number that JavaScript counts to.
const MOST: f64 = 9_007_199_254_740_991.0;
const MOST_COST: f64 = 1e9;

/// Who says what something costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// Whoever was called.
    Provider,
    /// Prices of the configuration.
    Config,
}

/// What was used at once, most often by one call of a model. Numbers are as JavaScript has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Used {
    /// Which model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Which step of the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Tokens that it read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<f64>,
    /// Tokens that it wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<f64>,
    /// Those of the input that were cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input_tokens: Option<f64>,
    /// Those of the output that nobody is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<f64>,
    /// How many calls it stands for. Default: 1; steps alone are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<f64>,
    /// Steps of an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<f64>,
    /// US dollars; none: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Who says so. Default: the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_source: Option<CostSource>,
    /// More was used than is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// How long the call took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<f64>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
}

/// Sums over calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Tokens that were read.
    pub input_tokens: u64,
    /// Tokens that were written.
    pub output_tokens: u64,
    /// Those of the input that were cached.
    pub cached_input_tokens: u64,
    /// Those of the output that nobody is shown.
    pub reasoning_tokens: u64,
    /// How many calls.
    pub requests: u64,
    /// US dollars; none: of one of them it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// What a task has used, over all of its attempts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Of all models.
    pub total: Tally,
    /// Steps of agents.
    #[serde(default)]
    pub steps: u64,
    /// Who says what it costs; the configuration if it says so of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_source: Option<CostSource>,
    /// More was used than is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// By model, in the order in which they were first used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelUsage>,
}

/// What one model was used for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelUsage {
    /// Its name; `others` for those beyond twenty.
    pub model: String,
    /// Of its calls.
    pub tally: Tally,
}

impl Used {
    pub(super) fn check(&self) -> Result<(), Error> {
        let counts = [
            ("input_tokens", self.input_tokens),
            ("output_tokens", self.output_tokens),
            ("cached_input_tokens", self.cached_input_tokens),
            ("reasoning_tokens", self.reasoning_tokens),
            ("requests", self.requests),
            ("steps", self.steps),
        ];
        for (option, count) in counts {
            check(
                option,
                count,
                |count| count.fract() == 0.0 && (0.0..=MOST).contains(&count),
                "a whole number from 0",
            )?;
        }
        check("cost", self.cost, |cost| (0.0..=MOST_COST).contains(&cost), "US dollars from 0")?;
        check("ms", self.ms, |ms| (0.0..=MOST).contains(&ms), "milliseconds from 0")?;
        let texts = [("model", &self.model), ("step", &self.step), ("finish_reason", &self.finish_reason)];
        for (option, text) in texts {
            let length = text.as_ref().map_or(1, |text| text.chars().count());
            if !(1..=TEXT_LIMIT).contains(&length) {
                return Err(Error::invalid(option, format_args!("{length} characters"), "1 to 200 characters"));
            }
        }
        Ok(())
    }

    /// Steps alone are no call.
    fn tally(&self) -> Tally {
        let count = |count: Option<f64>| count.unwrap_or(0.0) as u64;
        let tokens = [self.input_tokens, self.output_tokens, self.cached_input_tokens, self.reasoning_tokens];
        let is_call =
            self.incomplete || self.cost.is_some() || self.model.is_some() || tokens.iter().any(Option::is_some);
        Tally {
            input_tokens: count(self.input_tokens),
            output_tokens: count(self.output_tokens),
            cached_input_tokens: count(self.cached_input_tokens),
            reasoning_tokens: count(self.reasoning_tokens),
            requests: if is_call { self.requests.map_or(1, |requests| requests as u64) } else { 0 },
            cost: self.cost.map(billionths),
        }
    }
}

fn check(option: &str, value: Option<f64>, fits: impl Fn(f64) -> bool, expected: &str) -> Result<(), Error> {
    match value {
        Some(value) if !fits(value) => Err(Error::invalid(option, number(value), expected)),
        _ => Ok(()),
    }
}

/// The same number after it was written as JSON and read again; a token may cost less than a millionth.
fn billionths(dollars: f64) -> f64 {
    (dollars * 1e9).round() / 1e9
}

impl Tally {
    /// A cost that is not known of one is not known of all.
    fn add(&mut self, more: &Self) {
        self.cost = match (self.requests, more.requests) {
            (_, 0) => self.cost,
            (0, _) => more.cost,
            _ => self.cost.zip(more.cost).map(|(a, b)| billionths(a + b)),
        };
        let sums = [
            (&mut self.input_tokens, more.input_tokens),
            (&mut self.output_tokens, more.output_tokens),
            (&mut self.cached_input_tokens, more.cached_input_tokens),
            (&mut self.reasoning_tokens, more.reasoning_tokens),
            (&mut self.requests, more.requests),
        ];
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
    }
}

impl Usage {
    pub(super) fn used(&mut self, used: &Used) {
        let tally = used.tally();
        let model = used.model.clone().map(|model| ModelUsage { model, tally: tally.clone() });
        let cost_source = tally.cost.map(|_| used.cost_source.unwrap_or(CostSource::Provider));
        let steps = used.steps.unwrap_or(0.0) as u64;
        let models = model.into_iter().collect();
        self.add(&Self { total: tally, steps, cost_source, incomplete: used.incomplete, models });
    }

    /// Adds what another task, or a further call, has used.
    pub fn add(&mut self, more: &Self) {
        self.total.add(&more.total);
        self.steps = self.steps.saturating_add(more.steps);
        self.incomplete |= more.incomplete;
        let sources = [self.cost_source, more.cost_source];
        let source = sources.into_iter().flatten().reduce(|a, b| if a == b { a } else { CostSource::Config });
        self.cost_source = source.filter(|_| self.total.cost.is_some());
        for one in &more.models {
            self.model(&one.model).add(&one.tally);
        }
    }

    fn model(&mut self, name: &str) -> &mut Tally {
        let find = |models: &[ModelUsage], name: &str| models.iter().position(|known| known.model == name);
        let name = if self.models.len() < MOST_MODELS || find(&self.models, name).is_some() { name } else { OTHERS };
        let at = find(&self.models, name).unwrap_or_else(|| {
            self.models.push(ModelUsage { model: name.to_owned(), tally: Tally::default() });
            self.models.len() - 1
        });
        &mut self.models[at].tally
    }
}
