variable "name" {
  description = "Of the trail."
  type        = string
}

variable "bucket_name" {
  description = "What its bucket is called after, with the account's number in it."
  type        = string
}

variable "region" {
  description = "Where the trail is."
  type        = string
}

variable "watched_bucket_arns" {
  description = "Whose every reading is written down."
  type        = list(string)
}

variable "years" {
  description = "For how long nobody can delete it."
  type        = number
  default     = 5
}

variable "key_arn" {
  description = "The KMS key of the trail."
  type        = string
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "topic_arn" {
  description = "Who is told."
  type        = string
}
