variable "name" {
  description = "Of the group of schedules."
  type        = string
}

variable "jobs" {
  description = "By name: what runs, as whom, when (cron, in Brasília's time), and what for."
  type = map(object({
    description         = string
    when                = string
    task_definition_arn = string
    role_arn            = string
  }))

  validation {
    condition     = alltrue([for job in var.jobs : can(regex("^(cron|rate)\\(", job.when))])
    error_message = "`when` is cron(...) or rate(...)."
  }
}

variable "pipeline" {
  description = "That is started after a rotation, so that servers take up the new key; null: none."
  type        = object({ name = string, arn = string, when = string })
  default     = null
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
  description = "The jobs'."
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

variable "key_arn" {
  description = "The KMS key of schedules and of what could not be started."
  type        = string
}
