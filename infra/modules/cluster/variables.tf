variable "name" {
  description = "Of the cluster, and of the zone of names, with `.internal`."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "log_days" {
  description = "How long it is kept who went into a container, in days."
  type        = number
  default     = 365
}
