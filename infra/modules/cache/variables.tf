variable "name" {
  description = "Of the replication group; tokens of IAM name it."
  type        = string

  validation {
    condition     = length(var.name) <= 33
    error_message = "At most 33 characters: the user's name, with -server, is 40 at most."
  }
}

variable "node_type" {
  description = "Of each node."
  type        = string
  default     = "cache.t4g.small"
}

variable "nodes" {
  description = "How many, the first one among them; from two on another takes over by itself."
  type        = number
  default     = 2

  validation {
    condition     = var.nodes >= 1 && var.nodes <= 3
    error_message = "One to three."
  }
}

variable "subnet_ids" {
  description = "Of the data subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "Who may reach it."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of what is stored."
  type        = string
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "log_days" {
  description = "How long its logs are kept, in days."
  type        = number
  default     = 90
}
