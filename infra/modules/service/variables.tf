variable "name" {
  description = "What everything is called after."
  type        = string
}

variable "region" {
  description = "Where it runs."
  type        = string
}

variable "image" {
  description = "Of the first task definition; the pipeline names those that follow."
  type        = string
}

variable "collector_image" {
  description = "AWS's Distro for OpenTelemetry."
  type        = string
}

variable "architecture" {
  description = "Of the processor."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "ARM64 or X86_64."
  }
}

variable "cpu" {
  description = "In 1024ths of a core. One process uses one core, and a little for the collector."
  type        = number
  default     = 1024
}

variable "memory" {
  description = "In MiB."
  type        = number
  default     = 3072
}

variable "environment" {
  description = "Settings of docs/operations.md."
  type        = map(string)
}

variable "secrets" {
  description = "Settings that are secret: by name the ARN in Secrets Manager."
  type        = map(string)
}

variable "statements" {
  description = "What a server may do, as statements of IAM."
  type        = list(any)
}

variable "metrics_port" {
  description = "Where each server tells its numbers, inside its task."
  type        = number
  default     = 9464
}

variable "least" {
  description = "How many servers at least; two in different zones go on when one fails."
  type        = number

  validation {
    condition     = var.least >= 2
    error_message = "At least two."
  }
}

variable "most" {
  description = "How many at most. Together they have `most` times HEALTHMED_DATABASE_CONNECTIONS connections."
  type        = number
}

variable "requests_per_task" {
  description = "Requests a minute of one server, above which there are to be more."
  type        = number
  default     = 6000
}

variable "sockets_per_task" {
  description = "Live sockets of one server, above which there are to be more."
  type        = number
  default     = 2000
}

variable "deployment" {
  description = "How CodeDeploy turns the traffic."
  type        = string
  default     = "CodeDeployDefault.ECSCanary10Percent5Minutes"
}

variable "rollback_alarms" {
  description = "Names of the alarms that have a deployment go back."
  type        = list(string)
}

variable "cluster_name" {
  description = "Of ECS."
  type        = string
}

variable "cluster_arn" {
  description = "Of ECS."
  type        = string
}

variable "subnet_ids" {
  description = "Of the private subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "The servers'."
  type        = string
}

variable "target_groups" {
  description = "blue and green, between which CodeDeploy turns the traffic."
  type        = map(object({ name = string, arn = string, arn_suffix = string }))
}

variable "balancer_suffix" {
  description = "The balancer, as metrics have it."
  type        = string
}

variable "listener_arn" {
  description = "Of the traffic."
  type        = string
}

variable "test_listener_arn" {
  description = "Of the look beforehand."
  type        = string
}

variable "execution_role_arn" {
  description = "By which ECS pulls the image and reads the secrets."
  type        = string
}

variable "boundary_arn" {
  description = "Beyond which no role goes."
  type        = string
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "log_days" {
  description = "How long the servers' log is kept, in days."
  type        = number
  default     = 180
}
