# Service levels (docs/operations.md): of a thousand, 999 are as promised, in any 30 days. An alarm is
# raised by how fast what may fail is used up, over a long window and a short one: so it comes early when
# it is bad, and goes when it is over. (Google, The Site Reliability Workbook, chapter 5.)

locals {
  may_fail = 0.001
  least    = 5 # that failed in a window: one bad answer at night is no alarm

  balancer_counts = { for id, metric in {
    all      = "RequestCount"
    target   = "HTTPCode_Target_5XX_Count"
    balancer = "HTTPCode_ELB_5XX_Count"
  } : id => { namespace = "AWS/ApplicationELB", metric = metric, of = local.balancer } }

  promise_counts = { for of in ["request", "answer", "delivery"] : of => { for kept in ["yes", "no"] :
    kept => { namespace = var.namespace, metric = "healthmed_promises_total", of = { of = of, kept = kept } }
  } }

  levels = merge({
    availability = {
      text   = "Requests are answered without a fault of ours."
      counts = local.balancer_counts
      bad    = "(FILL(target, 0) + FILL(balancer, 0))", all = "FILL(all, 0)"
    }
    }, { for of, text in {
      request  = "Requests of appointments are answered within a second."
      answer   = "Doctors' answers are taken within a second."
      delivery = "Events reach whoever listens within two seconds."
      } : of => {
      text   = text
      counts = local.promise_counts[of]
      bad    = "FILL(no, 0)", all = "(FILL(yes, 0) + FILL(no, 0))"
    }
  })

  rates = {
    fast   = { rate = 14.4, long = 3600, short = 300, text = "Two percent of what may fail in 30 days was used up within an hour." }
    steady = { rate = 6, long = 21600, short = 1800, text = "Five percent of what may fail in 30 days was used up within six hours." }
    slow   = { rate = 3, long = 86400, short = 7200, text = "A tenth of what may fail in 30 days was used up within a day." }
  }

  burns = merge([for of, level in local.levels : { for speed, burn in local.rates :
    "${of}-${speed}" => merge(burn, { of = of, text = "${level.text} ${burn.text}" })
  }]...)

  windows = merge([for name, burn in local.burns : {
    "${name}-long"  = { of = burn.of, period = burn.long, rate = burn.rate }
    "${name}-short" = { of = burn.of, period = burn.short, rate = burn.rate }
  }]...)
}

resource "aws_cloudwatch_metric_alarm" "window" {
  for_each = local.windows

  alarm_name          = "${var.name}-burn-${each.key}"
  alarm_description   = "One window of a burn-rate alarm; nobody is told of it alone."
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = each.value.rate * local.may_fail
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "failing"
    expression  = "IF(${local.levels[each.value.of].bad} >= ${local.least}, ${local.levels[each.value.of].bad} / ${local.levels[each.value.of].all}, 0)"
    label       = "Share that was not as promised"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.levels[each.value.of].counts

    content {
      id = metric_query.key
      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.of
        stat        = "Sum"
        period      = each.value.period
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "burn" {
  for_each = local.burns

  alarm_name        = "${var.name}-burn-${each.key}"
  alarm_description = "${each.value.text} See docs/operations.md, Alarms: burn-${each.key}."
  alarm_rule        = "ALARM(\"${aws_cloudwatch_metric_alarm.window["${each.key}-long"].alarm_name}\") AND ALARM(\"${aws_cloudwatch_metric_alarm.window["${each.key}-short"].alarm_name}\")"
  alarm_actions     = [aws_sns_topic.this.arn]
  ok_actions        = [aws_sns_topic.this.arn]
}
