# What is watched, and who is told. Each alarm's name stands in docs/operations.md with what to do.

resource "aws_sns_topic" "this" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Those who watch"
      Effect    = "Allow"
      Principal = { Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "backup.amazonaws.com", "events.rds.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.this.arn
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

data "aws_caller_identity" "this" {}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.told

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}

# CloudFront and health checks tell in us-east-1, and alarms act where they are.
resource "aws_sns_topic" "edge" {
  region            = "us-east-1"
  name              = "${var.name}-edge-alarms"
  kms_master_key_id = var.edge_key_arn
}

resource "aws_sns_topic_subscription" "edge" {
  for_each = var.told

  region    = "us-east-1"
  topic_arn = aws_sns_topic.edge.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.text} See docs/operations.md, Alarms: ${each.key}."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.of
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  period              = each.value.period
  evaluation_periods  = each.value.times
  datapoints_to_alarm = each.value.times
  comparison_operator = each.value.above ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]
}

resource "aws_cloudwatch_metric_alarm" "edge" {
  for_each = local.edge_alarms

  region              = "us-east-1"
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.text} See docs/operations.md, Alarms: ${each.key}."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.of
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = each.value.times
  comparison_operator = each.value.above ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.edge.arn]
  ok_actions          = [aws_sns_topic.edge.arn]
}

# Asked from three continents, as a client would.
resource "aws_route53_health_check" "this" {
  fqdn              = var.page_host
  port              = 443
  type              = "HTTPS"
  resource_path     = "/readyz"
  request_interval  = 30
  failure_threshold = 3
  measure_latency   = true
}

# A container that does not start or ends badly, whoever started it.
resource "aws_cloudwatch_event_rule" "task" {
  name        = "${var.name}-task-failed"
  description = "A task that did not start, or a job that ended with an error"
  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = {
      clusterArn = [var.cluster_arn]
      lastStatus = ["STOPPED"]
      "$or" = [
        { stopCode = ["TaskFailedToStart"] },
        { group = [{ prefix = "family:" }], containers = { exitCode = [{ anything-but = 0 }] } },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "task" {
  rule = aws_cloudwatch_event_rule.task.name
  arn  = aws_sns_topic.this.arn
}

resource "aws_db_event_subscription" "this" {
  name             = var.name
  sns_topic        = aws_sns_topic.this.arn
  source_type      = "db-instance"
  source_ids       = concat([var.database.id], var.database.replica_ids)
  event_categories = ["failover", "failure", "low storage", "maintenance", "recovery", "security patching"]
}
