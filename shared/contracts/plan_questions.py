"""The questions that a plan must answer, each with the answers it may give."""

ASK_KIND = (
    "how does the result turn into pay? linear, marginal (each tier's rate on its own slice), "
    "whole (the reached tier's rate on everything), excess (marginal, nothing below the first tier), "
    "interpolated (straight between points) or steps (what the step reached pays)"
)
ASK_SCOPE = "whose result counts? individual, team, organisation or mentees"
ASK_CAP = (
    'is there a most that this pays? write cap: "2.0" (a multiple of 100 %; over amount or in rates: money, that '
    'money), {multiple: "2.0"}, {amount: "500.00"}, or cap: none'
)
ASK_EXCESS = "what becomes of what is above the cap? excess: lost or carried (a balance for later periods)"
ASK_OVER = "what does the curve run over? attainment (result ÷ target) or amount"
ASK_BEYOND = "what does it pay beyond the last point? flat (the same) or slope (on along the last line)"
ASK_BOUNDARY = (
    "to which side does a result exactly on the boundary belong? boundary: upper (it has reached it) or lower "
    "(it has not)"
)
ASK_RATES = (
    "what is a tier's rate? rates: multiple (that many times the component's rate) or money (that much money a unit, "
    "and then leave rate out)"
)
ASK_THEN = (
    "what is paid once the threshold is reached? then: from_zero (the whole result), from_threshold (only what lies "
    'above it) or from_value (pays: "0.5" at the threshold, and the curve on what lies above it)'
)
ASK_VALUE = 'how much is paid exactly at the threshold? write pays: "0.5"'
ASK_DEAL_CAP = (
    'is there a most for one deal? write deal_cap: {pays: "500.00"} (money), {counts: "100000"} (of its amount), '
    "or none"
)
ASK_BASIS = (
    'what is paid? write weight (share of the target incentive), amount ("500.00" at 100 %), rate (money per unit), '
    "pool (shared by the group), or a curve with rates: money; exactly one of them"
)
ASK_PRORATE = (
    "what shrinks the target incentive? prorate: [days] (part of the period in the plan), [fte] (part-time), "
    "[days, fte], or [] for neither"
)
ASK_COMBINE = (
    "how do the components come together? write combine: add, or combine: multiply (target incentive × the factors)"  # noqa: RUF001  the multiplication sign is meant: people read it
)
ASK_TEAM_ATTAINMENT = (
    "how is the team's attainment made? write team_attainment: sum_over_target (team credits ÷ team target) or "
    "mean_of_members (the mean of the members' own attainments)"
)
ASK_SECTION = (
    "combine: multiply takes the whole of each factor: leave weight out, or write section: <name> where several "
    "weighted parts make one factor"
)
ASK_INCENTIVE = 'how much is paid at 100 %? write target_incentive: "1000.00"'
ASK_ROUNDING = (
    "what is rounded, and how? write rounding: {of: line, mode: half_up} (of: line or payout; mode: half_up or "
    "half_even)"
)
ASK_ACCUMULATE = (
    "what does the curve run over? accumulate: period (the period's total), deal (each deal alone), running (each "
    "deal at the tier the running total reached), quarter or year (the total so far, less what was paid before)"
)
ASK_ORDER = "in which order do the deals count? order: time, largest_first or smallest_first"
ASK_TIER_OF = "which total chooses a deal's tier? tier_of: before (without the deal) or after (with it)"
ASK_SPLITS = (
    "how is a deal shared by several reps paid? splits: base (each part goes through the curve by itself) or "
    "commission (the whole deal goes through it, and what it pays is divided)"
)
ASK_REVERSALS = (
    "what does a deal that is taken back do? reversals: rerate (the tiers are worked out again without it) or "
    "original_rate (it takes back what it paid; the other deals keep theirs)"
)
ASK_POOL = 'how much is in the pool? write rate: "0.02" (of the group\'s result) or amount: "3000.00" (at 100 %)'
ASK_SHARED_BY = (
    "how is the pool shared? shared_by: equal, fte_days (days × FTE), role_weight (with weights: {rep: 1.5}) or "  # noqa: RUF001  as above
    "contribution (own credits of the metric)"
)
ASK_PENNIES = "who gets the cents left over? pennies: largest_remainder"
ASK_TIES = "and of equal remainders? ties: by_id (first rep id) or by_roster (first on the roster)"
ASK_GATE = "on what does the gate stand? write component: <id>, or metric and scope, exactly one of the two"
ASK_GATE_OVER = "what must reach it? over: attainment (1 is 100 %) or amount (of the metric)"
ASK_GATE_LEVEL = 'from where on is the gate open? write at_least: "0.8", or no_more_than: "0.05"'
ASK_OTHERWISE = (
    'what is paid when the gate stays shut? otherwise: nothing, {at_most: "1"} (times what 100 % pays) or '
    '{times: "0.5"} (of what it would have paid)'
)
ASK_APPLIES = "which components does it change? applies_to: [ids], or all"
ASK_HOW = "how does it change them? how: multiply (times what the curve pays) or add (1 + what the curve pays, times)"
ASK_LIMIT = 'how much? write amount: "5000.00", or multiple: "2" (of the target incentive), exactly one of the two'
ASK_PRORATED = "does it shrink with the part of the period in the plan? prorated: yes or no"
ASK_REWARD_KIND = "what is it? outing, dinner, gift, voucher, time_off, training or other"
ASK_REWARD_LEVEL = 'when is it won? write over: attainment or amount, and at_least: "1.1"'
ASK_COST = 'what does it cost a head, VAT included? write cost: "75.00"'
ASK_LOCATION = "where is it? location: workplace or elsewhere (it decides how it is taxed)"
ASK_TAX = "how is it taxed? tax: loon (as wage), eindheffing (the employer's free space) or nihil (at the workplace)"
ASK_WHO_JOINS = "who takes part? who: all_members (of the period) or members_at_end (on its last day)"
ASK_COLUMNS = "what chooses the column of the table? columns: {scope: individual, team or organisation, metric: …}"
ASK_STARTS = 'where do the columns begin? from: ["0", "0.8", "1"], ascending; below the first nothing is paid'
ASK_TIERS = 'which tiers? write tiers: [{from: "0", rate: "1"}, …]'
ASK_POINTS = 'which points? write at least two, such as {at: "0", pays: "0"} and {at: "1", pays: "1"}'
ASK_STEPS = 'which steps? write steps: [{at: "1", pays: "1"}, …]'
