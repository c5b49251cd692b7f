# At a glance: what clients see, then what it hangs on.

locals {
  lines = {
    "Requests and errors" = [
      ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.balancer_suffix, { stat = "Sum" }],
      ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", var.balancer_suffix, { stat = "Sum" }],
      ["AWS/ApplicationELB", "HTTPCode_Target_4XX_Count", "LoadBalancer", var.balancer_suffix, { stat = "Sum" }],
    ]
    "Seconds to an answer" = [
      ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.balancer_suffix, { stat = "p50" }],
      ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.balancer_suffix, { stat = "p99" }],
    ]
    "Live, of each server" = [for what in ["websocket", "events", "users"] :
      [var.namespace, "healthmed_present", "of", what, { stat = "Average" }]
    ]
    "Seconds from an act to who listens" = [
      [var.namespace, "healthmed_event_lag_seconds", { stat = "Average" }],
      [var.namespace, "healthmed_event_lag_seconds", { stat = "Maximum" }],
    ]
    "Operations, and errors by code" = [
      [var.namespace, "healthmed_operations_total", "outcome", "ok", { stat = "Sum" }],
      [var.namespace, "healthmed_operations_total", "outcome", "errors", { stat = "Sum" }],
      [var.namespace, "healthmed_operations_total", "outcome", "refused", { stat = "Sum" }],
      [var.namespace, "healthmed_errors_total", "code", "INTERNAL", { stat = "Sum" }],
    ]
    "As promised, and not" = [for of in ["request", "answer", "delivery"] :
      [var.namespace, "healthmed_promises_total", "of", of, "kept", "no", { stat = "Sum" }]
    ]
    "Waiting for a turn, and turned away" = [
      [var.namespace, "healthmed_wait_seconds", { stat = "Maximum" }],
      [var.namespace, "healthmed_shed_total", { stat = "Sum", yAxis = "right" }],
    ]
    "Servers" = [
      ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster_name, "ServiceName", var.server_service, { stat = "Average" }],
      ["AWS/ECS", "MemoryUtilization", "ClusterName", var.cluster_name, "ServiceName", var.server_service, { stat = "Maximum" }],
      ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster_name, "ServiceName", var.server_service, { stat = "SampleCount", yAxis = "right" }],
    ]
    "Database" = concat([
      ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", var.database.id, { stat = "Average" }],
      ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.database.id, { stat = "Maximum", yAxis = "right" }],
      ], [for id in var.database.replica_ids :
      ["AWS/RDS", "ReplicaLag", "DBInstanceIdentifier", id, { stat = "Maximum", yAxis = "right" }]
    ])
    "Database's disk" = [
      ["AWS/RDS", "ReadLatency", "DBInstanceIdentifier", var.database.id, { stat = "Average" }],
      ["AWS/RDS", "WriteLatency", "DBInstanceIdentifier", var.database.id, { stat = "Average" }],
      ["AWS/RDS", "FreeStorageSpace", "DBInstanceIdentifier", var.database.id, { stat = "Minimum", yAxis = "right" }],
    ]
    "Mail" = [
      ["AWS/SES", "Send", { stat = "Sum" }],
      ["AWS/SES", "Bounce", { stat = "Sum" }],
      ["AWS/SES", "Complaint", { stat = "Sum" }],
    ]
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat([{
      type       = "alarm", x = 0, y = 0, width = 24, height = 3
      properties = { title = "Alarms", alarms = [for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.arn] }
      }], [for number, title in keys(local.lines) : {
      type = "metric", x = 8 * (number % 3), y = 3 + 6 * floor(number / 3), width = 8, height = 6
      properties = {
        title = title, region = var.region, view = "timeSeries", period = 60, metrics = local.lines[title]
      }
    }])
  })
}
