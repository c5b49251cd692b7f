variable "name" {
  description = "What everything is called after."
  type        = string
}

variable "host" {
  description = "Where partners call."
  type        = string
}

variable "certificate_arn" {
  description = "Of ACM, for that host."
  type        = string
}

variable "origin_host" {
  description = "Of the balancer's certificate."
  type        = string
}

variable "origin_secret" {
  description = "What is said to the balancer, so that nobody comes around."
  type        = string
  sensitive   = true
}

variable "balancer_arn" {
  description = "Of the balancer."
  type        = string
}

variable "subnet_ids" {
  description = "Of the private subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "Of the link."
  type        = string
}

variable "rate" {
  description = "Requests a second of all partners together."
  type        = number
  default     = 200
}

variable "burst" {
  description = "How many at once beyond that."
  type        = number
  default     = 400
}

variable "plans" {
  description = "Usage plans: requests a second, at once, and a day, of one key."
  type        = map(object({ description = string, rate = number, burst = number, a_day = number }))
  default = {
    trial   = { description = "To build with", rate = 2, burst = 10, a_day = 5000 }
    partner = { description = "Who works with us", rate = 20, burst = 100, a_day = 500000 }
  }
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "log_days" {
  description = "How long it is kept who asked, in days."
  type        = number
  default     = 365
}
