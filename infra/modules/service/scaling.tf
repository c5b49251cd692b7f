# More servers for whichever of the three asks for most; fewer slowly, since each that leaves sends its
# sockets away.

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${var.cluster_name}/${aws_ecs_service.this.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.least
  max_capacity       = var.most
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 55
    scale_out_cooldown = 60
    scale_in_cooldown  = 600
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

# Of both groups: the one that is not in use has no requests, and asks for nothing.
resource "aws_appautoscaling_policy" "requests" {
  for_each = var.target_groups

  name               = "requests-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.requests_per_task
    scale_out_cooldown = 60
    scale_in_cooldown  = 600
    disable_scale_in   = true # the silent one would have all of them leave
    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${var.balancer_suffix}/${each.value.arn_suffix}"
    }
  }
}

# Sockets cost memory, not CPU, while they are silent, and all of it when they are not.
resource "aws_appautoscaling_policy" "sockets" {
  name               = "sockets"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.sockets_per_task
    scale_out_cooldown = 60
    scale_in_cooldown  = 600
    customized_metric_specification {
      namespace   = local.namespace
      metric_name = "healthmed_present"
      statistic   = "Average" # each task tells of itself
      dimensions {
        name  = "of"
        value = "websocket"
      }
    }
  }
}
