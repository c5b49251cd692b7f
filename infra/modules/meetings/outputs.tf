output "statements" {
  description = "What a server may do with it: docs/operations.md."
  value = [
    {
      # No meeting is there yet whose ARN could be named.
      Sid      = "OpenMeetings"
      Effect   = "Allow"
      Action   = ["chime:CreateMeeting"]
      Resource = ["*"]
    },
    {
      Sid      = "HoldMeetings"
      Effect   = "Allow"
      Action   = ["chime:GetMeeting", "chime:CreateAttendee", "chime:DeleteMeeting"]
      Resource = [local.meetings]
    },
  ]
}
