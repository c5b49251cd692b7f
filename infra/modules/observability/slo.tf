# Service levels (docs/aws.md): of 10,000 requests 9,990 are answered without a fault of ours, in any 30
# days. An alarm is raised by how fast what may fail is used up, over a long window and a short one: so it
# comes early when it is bad, and goes when it is over. (Google, The Site Reliability Workbook, chapter 5.)

locals {
  may_fail = 0.001

  burns = {
    fast   = { rate = 14.4, long = 3600, short = 300, text = "Two percent of what may fail in 30 days was used up within an hour." }
    steady = { rate = 6, long = 21600, short = 1800, text = "Five percent of what may fail in 30 days was used up within six hours." }
    slow   = { rate = 3, long = 86400, short = 7200, text = "A tenth of what may fail in 30 days was used up within a day." }
  }
  windows = merge([for name, burn in local.burns : {
    "${name}-long"  = { period = burn.long, rate = burn.rate }
    "${name}-short" = { period = burn.short, rate = burn.rate }
  }]...)
}

resource "aws_cloudwatch_metric_alarm" "window" {
  for_each = local.windows

  alarm_name          = "${var.name}-burn-${each.key}"
  alarm_description   = "One window of the burn-rate alarm; nobody is told of it alone."
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = each.value.rate * local.may_fail
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "failing"
    expression  = "IF(requests > 0, (FILL(target, 0) + FILL(balancer, 0)) / requests, 0)"
    label       = "Share of requests that failed"
    return_data = true
  }
  metric_query {
    id = "requests"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      dimensions  = { LoadBalancer = var.balancer_suffix }
      stat        = "Sum"
      period      = each.value.period
    }
  }
  metric_query {
    id = "target"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = { LoadBalancer = var.balancer_suffix }
      stat        = "Sum"
      period      = each.value.period
    }
  }
  metric_query {
    id = "balancer"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_ELB_5XX_Count"
      dimensions  = { LoadBalancer = var.balancer_suffix }
      stat        = "Sum"
      period      = each.value.period
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "burn" {
  for_each = local.burns

  alarm_name        = "${var.name}-burn-${each.key}"
  alarm_description = "${each.value.text} See docs/aws.md, Alarms."
  alarm_rule        = "ALARM(\"${aws_cloudwatch_metric_alarm.window["${each.key}-long"].alarm_name}\") AND ALARM(\"${aws_cloudwatch_metric_alarm.window["${each.key}-short"].alarm_name}\")"
  alarm_actions     = [aws_sns_topic.this.arn]
  ok_actions        = [aws_sns_topic.this.arn]
}
