import type { LucideIcon } from 'lucide-react'
import { Button } from 'react-aria-components/Button'
import { Tooltip, TooltipTrigger } from 'react-aria-components/Tooltip'

interface Props {
  label: string
  Sign: LucideIcon
  off?: boolean
  kind?: 'plain' | 'leave'
  onPress: () => void
}

/** A round button of the room; its name is shown to whoever points at it. */
export function Control({ label, Sign, off = false, kind = 'plain', onPress }: Props) {
  return (
    <TooltipTrigger delay={300}>
      <Button
        className={`control ${kind} ${off ? 'off' : ''}`}
        aria-label={label}
        onPress={onPress}
      >
        <Sign size={22} aria-hidden />
      </Button>
      <Tooltip className="tooltip" offset={8}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  )
}
